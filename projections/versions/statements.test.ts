import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import type { Projection } from '../projection.ts'
import { everyProjection } from './every-projection.fixture.ts'

for (const projection of everyProjection) {
  const { name, version, digest } = projection
  test(`the ${name} tables are those of version ${version}`, async () => {
    const { withTables, afterLoading } = await statementsOf(projection)
    // Tables do not know of each other, and come in any order.
    const statements = [...withTables.map(inOneLine).sort(), '-- after loading', ...afterLoading.map(inOneLine)]
    const made = hash('sha256', statements.join(';\n')).slice(0, 16)
    const advice = `other statements make them now: raise the version, and write down their digest, ${made}`
    assert.equal(made, digest, `${advice}\n${statements.join(';\n')}`)
  })
}

function inOneLine(statement: string): string {
  return statement.replaceAll(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(' )', ')').trim()
}

/** What makes a version's tables in the schema `s`, and what stands once they are loaded: each statement alone. */
async function statementsOf(projection: Projection) {
  const sent: string[] = []
  const client = { query: async (text: string) => void sent.push(text) }
  await projection.createTables(client, 's')
  const alone = (texts: readonly string[]) => texts.flatMap((text) => text.split(';')).filter((text) => text.trim())
  return { withTables: alone(sent), afterLoading: alone(projection.indexes('s')) }
}
