import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { decodeRecord, encodeCommit } from '@micropay/schemas/log/ledger-record'
import { StatementImportedV1, statementFromV1 } from '@micropay/schemas/log/statement-shapes'
import fc from 'fast-check'
import { accountKey, accounts } from '../decide/account.ts'
import { decide, type LedgerCommand, placeOf } from '../decide/decide.ts'
import { eventOf } from '../decide/ledger.ts'
import { emptyLedger, type Overlay, overlayOn } from '../decide/overlay.ts'
import { changeOf } from '../state/partition-state.ts'
import { createJudge } from './judge.ts'

const banks = ['bank:1', 'bank:2', 'bank:3'].map((name) => AccountId.parse(name))
const ibans = ['DE89370400440532013000', 'NL08INGB0000001234']

type Imported = { readonly accountId: AccountId; readonly iban: string; readonly content: number; readonly at: string }
type Run = {
  readonly decided: Overlay
  readonly read: Overlay
  readonly judge: ReturnType<typeof createJudge>
  readonly seen: Map<string, number>
  readonly imported: Imported[]
  readonly withdrawn: Set<string>
  seq: number
}

const importing = fc.record({
  accountId: fc.constantFrom(...banks),
  iban: fc.constantFrom(...ibans),
  content: fc.integer({ min: 1, max: 3 }),
})
/** Which of the imported ones so far; `lost` names a position at which there is none. */
const withdrawing = fc.record({ nth: fc.nat(20), lost: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0) })
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: importing }, { weight: 2, arbitrary: withdrawing }), {
  maxLength: 40,
})

test('however statements are imported and withdrawn, each stands once, for one account of its bank account', () => {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(steps, (drawn) => {
      const run: Run = {
        ...{ decided: overlayOn(emptyLedger), read: overlayOn(emptyLedger), judge: createJudge(0), seen },
        ...{ imported: [], withdrawn: new Set(), seq: 0 },
      }
      for (const accountId of banks) give(run, opening(accountId))
      for (const step of drawn) {
        if ('content' in step) tryImport(run, step)
        else tryWithdrawal(run, step)
        checkBanks(run)
        assert.deepEqual(stateOf(run.read), stateOf(run.decided))
      }
    }),
    { numRuns: 200 },
  )
  for (const what of [
    ...['import accepted', 'import statement_already_imported', 'import statement_wrong_account', 'import again'],
    ...['withdraw accepted', 'withdraw statement_withdrawn', 'withdraw statement_not_found'],
  ]) {
    assert.ok((seen.get(what) ?? 0) > 5, `${what}: ${seen.get(what)} times`)
  }
})

function tryImport(run: Run, { accountId, iban, content }: Omit<Imported, 'at'>): void {
  const standing = standingIn(run)
  const same = standing.filter((each) => each.accountId === accountId)
  const isWrong = same.some((each) => each.iban !== iban) || standing.some((each) => isOther(each, accountId, iban))
  const isThere = same.some((each) => each.content === content)
  const data = statementFromV1(
    StatementImportedV1.parse({
      ...{
        accountId,
        statementId: `S${content}`,
        iban,
        currency: 'EUR',
        from: '2026-03-01',
        to: `2026-03-0${content}`,
      },
      ...{ opening: '0', closing: '0', lines: [] },
    }),
  )
  const code = give(run, { type: 'ImportStatement', data })
  assert.equal(code, isWrong ? 'statement_wrong_account' : isThere ? 'statement_already_imported' : undefined)
  note(run, `import ${code ?? 'accepted'}`)
  if (code !== undefined) return
  if (run.imported.some((each) => each.content === content && each.iban === iban)) note(run, 'import again')
  run.imported.push({ accountId, iban, content, at: `0:${run.seq}` })
}

function isOther(each: Imported, accountId: AccountId, iban: string): boolean {
  return each.iban === iban && each.accountId !== accountId
}

/** One person asks, and another one approves: what is refused is refused before anybody has to look at it. */
function tryWithdrawal(run: Run, { nth, lost }: { readonly nth: number; readonly lost: boolean }): void {
  const statement = run.imported[nth % Math.max(1, run.imported.length)]
  if (!statement) return
  const { accountId, content, at } = statement
  const position = lost ? `0:${run.seq + 7}` : at
  const data = { accountId, statementId: `S${content}`, position, reason: 'a test' }
  const code = give(run, { type: 'WithdrawStatement', data })
  note(run, `withdraw ${code ?? 'accepted'}`)
  const expected = lost ? 'statement_not_found' : run.withdrawn.has(at) ? 'statement_withdrawn' : undefined
  assert.equal(code, expected)
  if (code === undefined) run.withdrawn.add(at)
}

function standingIn({ imported, withdrawn }: Run): Imported[] {
  return imported.filter(({ at }) => !withdrawn.has(at))
}

/** Why it was refused; what waits for a second person is approved at once. */
function give(run: Run, command: LedgerCommand, subject = 'finance:fiona'): string | undefined {
  const seq = run.seq + 1
  const decidedAt = new Date(Date.UTC(2026, 2, 9) + seq).toISOString()
  const facts = { tenant: 'main', subject, mayBook: false, decidedAt, paymentId: paymentIdAt(0, seq) }
  const decision = decide(command, run.decided, { ...facts, generation: EVENT_GENERATION })
  if (decision.kind === 'rejected') return decision.code
  const commit: Commit = {
    ...{ epoch: 1, seq, previousHash: 'A'.repeat(43), decidedAt, tenant: 'main', actor: { subject, client: 'test' } },
    ...{ command: { type: command.type }, idempotencyKey: `key-${seq}`, requestHash: 'A'.repeat(22) },
    ...{ outcome: { kind: 'accepted' }, events: [...decision.events] },
  }
  const context = { ledgerId: 'drawn', partition: 0 }
  const record = decodeRecord(encodeCommit(context, placeOf(command), commit, EVENT_GENERATION))
  assert.ok(record.kind === 'commit')
  assert.deepEqual(record.commit, commit)
  run.seq = seq
  run.decided.put(changeOf(commit, run.decided, { partition: 0, hash: '' }).puts)
  run.read.put(changeOf(record.commit, run.read, { partition: 0, hash: '' }).puts)
  assert.deepEqual(run.judge.take(record.commit, { generation: EVENT_GENERATION, agedMs: 0 }), [])
  const proposed = eventOf(decision.events, 'CommandProposed')
  if (!proposed) return undefined
  const data = { proposalId: proposed.data.proposalId, hash: proposed.data.command.hash }
  return give(run, { type: 'ApproveCommand', data }, 'finance:frank')
}

function checkBanks(run: Run): void {
  for (const accountId of banks) {
    const standing = new Set(standingIn(run).flatMap((each) => (each.accountId === accountId ? each.iban : [])))
    const iban = run.decided.read(accounts, accountKey('main', accountId))?.iban
    assert.deepEqual(iban === undefined ? [] : [iban], [...standing], accountId)
  }
}

function opening(accountId: AccountId): LedgerCommand {
  const data = { accountId, type: 'external' as const, currency: 'EUR' as const, owner: OwnerId.parse('house') }
  return { type: 'OpenAccount', data }
}

function note({ seen }: Run, what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1)
}

/** All tables, by their names. */
function stateOf(ledger: Overlay): object {
  const layer = ledger.take()
  ledger.hold(layer)
  return Object.fromEntries(Array.from(layer, ([table, values]) => [table.name, Object.fromEntries(values)]))
}
