import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { ChangeAccount, OpenAccount } from '../api/account.ts'
import { SavePayee } from '../api/payee.ts'
import { MakePayment } from '../api/payment.ts'
import { currencyTable } from '../currencies.ts'
import { wrongWithIban } from '../iban.ts'
import { upcast } from './event-versions.ts'
import { decodeRecord } from './ledger-record.ts'

const folder = join(import.meta.dirname, 'fixtures')
const Record = z.looseObject({
  data: z.looseObject({
    command: z.looseObject({ data: z.record(z.string(), z.unknown()).optional() }).optional(),
    events: z.array(z.looseObject({ data: z.record(z.string(), z.unknown()) })).optional(),
  }),
})
const fixtures = readdirSync(folder).map((file) => {
  const { bytes } = z.object({ bytes: z.string() }).parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
  return { name: file.replace('.json', ''), record: Record.parse(JSON.parse(bytes)) }
})

const Stored = z.array(z.object({ type: z.string(), version: z.int(), data: z.record(z.string(), z.unknown()) }))

/** What people write: of each, a log may hold what no request could bring in today. */
const textMembers = new Set(
  'name shown ownerReference reason reference description alias iban statementId text counterparty'.split(' '),
)
const referenceMembers = new Set(['references', 'parties', 'bank', 'position'])
const oddTexts = {
  'nothing at all': '',
  'control characters': 'Invoice\u0000\u001b[2J\n\t17',
  'controls of the direction of writing': 'Invoice \u202e05.1 RUE\u202c paid',
  'what nobody sees': '\ufeffpaid\u200b\u2028\u2029',
  'half a character': 'paid \ud83d',
  'spaces around it': '  rent  ',
  'a length beyond all limits': 'x'.repeat(20_000),
}

/** Every text of it replaced; a list of references becomes one of twenty. */
function withText(value: unknown, text: string, member = ''): unknown {
  if (Array.isArray(value)) {
    if (referenceMembers.has(member)) return Array.from({ length: 20 }, () => text)
    return value.map((item) => withText(item, text))
  }
  if (typeof value === 'string') return textMembers.has(member) || member.startsWith('metadata.') ? text : value
  if (typeof value !== 'object' || value === null) return value
  const prefix = member === 'metadata' ? 'metadata.' : ''
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withText(inner, text, `${prefix}${key}`)]),
  )
}

for (const [what, text] of Object.entries(oddTexts)) {
  test(`a log reads texts, references and numbers of accounts that the API refuses: ${what}`, () => {
    let changed = 0
    for (const { name, record } of fixtures) {
      const { command, events: held } = record.data
      const odd = {
        ...record,
        data: {
          ...record.data,
          ...(command ? { command: withText(command, text) } : {}),
          ...(held ? { events: withText(held, text) } : {}),
        },
      }
      const decoded = decodeRecord(new TextEncoder().encode(JSON.stringify(odd)))
      if (decoded.kind !== 'commit') continue
      const events = Stored.parse(odd.data.events ?? [])
      assert.deepEqual(
        decoded.commit.events,
        events.map((event) => upcast(event)),
        name,
      )
      assert.deepEqual(decoded.commit.command, odd.data.command, name)
      if (JSON.stringify(odd) !== JSON.stringify(record)) changed += 1
    }
    assert.ok(changed >= 7, `${changed} fixtures hold a text`)
  })
}

test('and the API does refuse them', () => {
  const posting = { from: 'ada', to: 'ben', amount: '1', currency: 'EUR' }
  const account = { accountId: 'ada', type: 'customer', currency: 'EUR', owner: 'customer:ada' }
  const odd = ['control characters', 'controls of the direction of writing', 'what nobody sees'] as const
  for (const text of odd.map((what) => oddTexts[what])) {
    assert.ok(!MakePayment.safeParse({ postings: [posting], reference: text }).success)
    assert.ok(!MakePayment.safeParse({ postings: [posting], description: text }).success)
    assert.ok(!MakePayment.safeParse({ postings: [posting], metadata: { order: text } }).success)
    assert.ok(!OpenAccount.safeParse({ ...account, name: text }).success)
    assert.ok(!ChangeAccount.safeParse({ reason: text }).success)
    assert.ok(!SavePayee.safeParse({ alias: text, accountId: 'ada' }).success)
  }
  assert.ok(wrongWithIban('NL1') !== undefined)
})

test('every currency that a ledger could ever hold is still known', () => {
  const ever = readFileSync(join(import.meta.dirname, 'currencies-ever.txt'), 'utf8')
    .trim()
    .split(/\s+/)
  assert.ok(ever.length > 150)
  assert.deepEqual(
    ever.filter((code) => !Object.hasOwn(currencyTable, code)),
    [],
  )
})
