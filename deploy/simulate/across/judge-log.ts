import type { PaymentId } from '@micropay/schemas/identifiers'
import { PayableId, placeOfId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { accountKey, accounts } from '@micropay/write-side/decide/account'
import { resumed } from '@micropay/write-side/decide/history'
import type { LedgerView } from '@micropay/write-side/decide/ledger'
import { transits } from '@micropay/write-side/decide/moved-legs'
import { openWith } from '@micropay/write-side/decide/open-payments'
import { emptyLedger, overlayOn } from '@micropay/write-side/decide/overlay'
import { sagas } from '@micropay/write-side/decide/saga'
import { steps } from '@micropay/write-side/decide/steps'
import { changeOf, type KeyEntry } from '@micropay/write-side/state/partition-state'
import { givenBackBy, judgeCommit } from '@micropay/write-side/verify/judge-commit'
import type { Span } from './lost-spans.ts'
import { PARTITIONS } from './partitions.ts'
import { answerOf, type Truth } from './truth.ts'
import type { World } from './world.ts'

/** What is wrong with a log by the rules that decide, commit by commit, and with the state that it leads to. */
export function judgeLog({ oracle }: World, truth: Truth): string | undefined {
  const { partition, commits, spans } = truth
  const ledger = overlayOn(emptyLedger)
  const keys = new Map<string, KeyEntry>()
  const left = [...spans]
  for (const { commit, hash } of commits) {
    for (let span = left[0]; span && span.seq < commit.seq; span = left[0]) {
      ledger.put(resumed(resumeOf(span), ledger, { partition, partitions: PARTITIONS, hash: span.hash }))
      left.shift()
    }
    const original = originalOf(commit, oracle.truths)
    const judged = { partition, partitions: PARTITIONS, generation: EVENT_GENERATION, original }
    const wrong = judgeCommit(commit, ledger, judged)
    if (wrong !== undefined) return `${commit.seq}: ${wrong}`
    const change = changeOf(commit, ledger, { partition, hash })
    ledger.put(change.puts)
    for (const { scopedKey, entry } of [...(change.key ? [change.key] : []), ...change.answered])
      keys.set(scopedKey, entry)
  }
  const isWhole = oracle.truths.every((each) => each.spans.length === 0)
  return wrongState(ledger, truth) ?? wrongKeys(keys, truth, isWhole)
}

function resumeOf({ after, seq }: Span) {
  return { previousSeq: after, seq, eventGeneration: EVENT_GENERATION }
}

function originalOf(commit: Commit, truths: readonly Truth[]): Commit | undefined {
  const paymentId = givenBackBy(commit)
  if (paymentId === undefined) return undefined
  const { partition, seq } = placeOfId(paymentId)
  return truths[partition]?.at(seq)?.commit
}

/** What the folded state says is what the log says by another count. */
function wrongState(ledger: LedgerView, { partition, accounts: expected, ...truth }: Truth): string | undefined {
  for (const [id, { balance, held, due }] of expected) {
    const found = ledger.read(accounts, accountKey('main', PayableId.parse(id)))
    const [is, should] = [
      `${found?.balanceMinor} ${found?.heldMinor ?? 0n} ${found?.dueMinor ?? 0n}`,
      `${balance} ${held} ${due}`,
    ]
    if (is !== should) return `${id} stands at ${is}, and it should be ${should}`
  }
  for (const [accountId, minor] of truth.transits) {
    const found = BigInt(ledger.read(transits, { tenant: 'main', accountId }) ?? 0)
    if (found !== minor) return `${accountId} stands at ${found}, and it should be ${minor}`
  }
  const open = [...truth.begun.keys()].find((id) => ledger.read(sagas, id))
  if (open) return `${open} is kept as open`
  for (let other = 0; other < PARTITIONS; other += 1)
    if (openWith(other, ledger).length > 0) return `payments are open with ${other}`
  const kept = [...truth.parts.keys()].find((id: PaymentId) => ledger.read(steps, id)?.state === 'prepared')
  return kept && `${kept} is promised on ${partition}`
}

/** What each key keeps for its answer. */
function wrongKeys(keys: ReadonlyMap<string, KeyEntry>, truth: Truth, isWhole: boolean): string | undefined {
  for (const [scopedKey, keyed] of truth.keys) {
    const entry = keys.get(scopedKey)
    const answer = answerOf(truth, keyed)
    const [is, should] = [entry?.rejection?.code ?? 'accepted', typeof answer === 'object' ? answer.code : answer]
    if (is !== should) return `${scopedKey} keeps ${is}, and it should be ${should}`
    const payment = keyed.began && truth.begun.get(keyed.began)
    if (!payment) continue
    if (!entry?.ended) return `${scopedKey} does not know that its payment has ended`
    const seenOn = [...(entry.seenAt ?? [])].map(({ partition }) => partition).toSorted((one, other) => one - other)
    const all = [truth.partition, ...payment.participants].toSorted((one, other) => one - other)
    // What was lost is seen where it was seen before.
    if (isWhole && seenOn.join() !== all.join()) return `${scopedKey} is seen on ${seenOn}, and not on ${all}`
  }
  return undefined
}
