import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { repositoryRoot } from '@micropay/local/running'
import { AccountPage } from '@micropay/schemas/api/account'
import { z } from 'zod'
import { faultLines } from './move-lines.ts'
import { surveyLedger } from './survey.ts'

/** Ledgers as versions of the code left them, with what they answered. */
const directory = join(repositoryRoot, 'deploy/proof/ledgers')
const names = readdirSync(directory, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

const Facts = z.object({
  verified: z.object({ seq: z.int(), accounts: z.int() }),
  read: z.array(z.object({ path: z.string(), answer: z.unknown() })),
})
/** Earlier versions said less of an account. */
const Balances = z.object({ items: z.array(AccountPage.shape.items.element.pick({ accountId: true, balance: true })) })

for (const name of names) {
  test(`the ledger of ${name} can be moved, and has the balances that it had`, async () => {
    const log = openMemoryLog(createMemoryStore())
    await log.prepare(1)
    const lines = readFileSync(join(directory, name, 'log.tsv'), 'utf8')
      .trimEnd()
      .split('\n')
    const records = lines.map((line) => ({ key: '', value: Buffer.from(line.split('\t')[2] ?? '', 'base64') }))
    await (await log.openAppender(0)).append(records)
    const { signal } = new AbortController()
    const reading = { log, until: [], tenant: undefined, signal, nowMs: Date.now(), onProgress: () => undefined }
    const survey = await surveyLedger(reading)
    const facts = Facts.parse(JSON.parse(readFileSync(join(directory, name, 'facts.json'), 'utf8')))
    assert.deepEqual(survey.positions, [{ partition: 0, seq: facts.verified.seq }])
    assert.equal(survey.accounts.size, facts.verified.accounts)
    assert.deepEqual(faultLines(survey, true), [])
    const pages = facts.read.flatMap(({ path, answer }) =>
      /^\/v1\/accounts\?/.test(path) ? [Balances.parse(answer)] : [],
    )
    assert.ok(pages.length > 0)
    for (const { accountId, balance } of pages.flatMap(({ items }) => items)) {
      assert.equal(survey.accounts.get(accountId)?.balanceMinor, BigInt(balance), accountId)
    }
  })
}
