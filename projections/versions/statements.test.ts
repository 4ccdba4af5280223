import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { accountsProjection } from '../accounts/projection.ts'
import { auditProjection } from '../audit/projection.ts'
import type { Projection } from '../projection.ts'
import { reconciliationProjection } from '../reconciliation/projection.ts'

for (const projection of [accountsProjection, reconciliationProjection, auditProjection]) {
  const file = `../${projection.service}/tables.v${projection.version}.sql`
  test(`the ${projection.name} tables are those of version ${projection.version}, statement by statement`, async () => {
    const made = await statementsOf(projection)
    const kept = readFileSync(new URL(file, import.meta.url), 'utf8').split('-- after loading\n')
    const [withTables, afterLoading] = kept.map((text) => text.split(';\n').map(inOneLine).filter(Boolean))
    // Tables do not know of each other, and come in any order.
    assert.deepEqual(made.withTables.map(inOneLine).sort(), withTables?.sort())
    assert.deepEqual(made.afterLoading.map(inOneLine), afterLoading)
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
