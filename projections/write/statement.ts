import type { QueryConfig } from 'pg'
import type { Parameter } from '../projection.ts'

/** A prepared statement whose text is written together with its values; a name stands for one text. */
export function statementOf(name: string, write: (parameter: Parameter) => string): QueryConfig {
  const values: unknown[] = []
  return { name, text: write((value) => `$${values.push(value)}`), values }
}
