import { paymentIdAt } from '@micropay/schemas/identifiers'
import { formatPosition, type Position } from '@micropay/schemas/position'
import type { CommandRequest, CommandResult } from '@micropay/write-side/handle/command'
import { scopedKeyOf } from '@micropay/write-side/state/partition-state'
import type { Attempt } from '../attempt.ts'
import type { Fail } from '../violation.ts'
import { isFinal } from './is-final.ts'
import { isGone } from './lost-spans.ts'
import { answerOf, type Keyed, type Truth } from './truth.ts'

type Answered = Exclude<CommandResult, { kind: 'refused' }>

/** What callers were told: only what counts, and for ever the same once it is final. */
export type Told = {
  answered(attempt: Attempt, result: Answered, truth: Truth): void
  /** What was told last of a key of a partition, as text; undefined where nothing final was. */
  finally(partition: number, scopedKey: string): string | undefined
  /** A partition has lost the end of its log: what was told of the rest does not bind any more. */
  restore(truth: Truth): void
  /** Answers that were counted. */
  acknowledged(): number
}

export function createTold(truths: readonly Truth[], fail: Fail): Told {
  const final = new Map<string, string>()
  const byProcess = new Set<string>()
  let acknowledged = 0
  const is = (rule: string, detail: string) => fail({ rule, detail })

  function check(request: CommandRequest, result: Answered, { partition }: Truth, keyed: Keyed): void {
    const { commit, began } = keyed
    const where = `${partition}:${commit.seq} ${request.idempotencyKey}`
    if (commit.requestHash !== request.requestHash) is('the answer is its own', `${where}: it was another request`)
    if (result.position?.partition !== partition || result.position.seq !== commit.seq)
      is('acknowledged is in the log', `${where}: it was told to stand at ${result.position?.seq}`)
    if (result.kind === 'accepted' && 'decidedAt' in result.answer && result.answer.decidedAt !== commit.decidedAt)
      is('the answer is its own', `${where}: decided at ${commit.decidedAt}`)
    const isPayment = ['MakePayment', 'RefundPayment'].includes(commit.command.type)
    if (result.kind !== 'accepted' || !isPayment || !('paymentId' in result.answer)) return
    if (result.answer.paymentId !== paymentIdAt(partition, commit.seq))
      is('the answer is its own', `${where}: the payment is ${result.answer.paymentId}`)
    if (!isFinal(result) && !began) is('the answer is its own', `${where}: nothing is under way`)
  }
  function checkFinal(process: string, name: string, said: string, keyed: Keyed, truth: Truth): void {
    const answer = answerOf(truth, keyed)
    const counts = typeof answer === 'object' ? answer.code : answer
    if (said !== counts) is('nothing is told that does not count', `${name}: ${said}, and it is ${counts}`)
    const before = final.get(name)
    if (before !== undefined && before !== said) is('an answer is for ever', `${name}: ${said}, and it was ${before}`)
    final.set(name, said)
    byProcess.add(`${process} ${name}`)
  }
  return {
    restore(truth) {
      const prefix = `${truth.partition} `
      for (const [name, said] of final) {
        if (!name.startsWith(prefix)) continue
        const keyed = truth.keys.get(name.slice(prefix.length))
        const answer = keyed && answerOf(truth, keyed)
        if (answer !== undefined && said === (typeof answer === 'object' ? answer.code : answer)) continue
        final.delete(name)
        for (const each of byProcess) if (each.endsWith(` ${name}`)) byProcess.delete(each)
      }
    },
    finally: (partition, scopedKey) => final.get(`${partition} ${scopedKey}`),
    acknowledged: () => acknowledged,
    answered({ process, request }, result, truth) {
      if (result.position === undefined) return
      acknowledged += 1
      const scopedKey = scopedKeyOf(request)
      const name = `${truth.partition} ${scopedKey}`
      const keyed = truth.keys.get(scopedKey)
      if (!keyed) return is('acknowledged is in the log', `${name}: it has no such key`)
      check(request, result, truth, keyed)
      for (const each of result.seenAt ?? []) if (!isSeen(each, keyed, truths)) is('seen where it is', seen(name, each))
      if (isFinal(result)) {
        const said = result.kind === 'rejected' ? result.rejection.code : 'accepted'
        return checkFinal(process, name, said, keyed, truth)
      }
      if (byProcess.has(`${process} ${name}`)) is('an answer is for ever', `${name}: it is pending again`)
    },
  }
}

function seen(name: string, position: Position): string {
  return `${name}: nothing of it stands at ${formatPosition(position)}`
}

/** Where a payment, or the end of a closing, is said to be seen, its log says so. */
function isSeen({ partition, seq }: Position, { began, closes }: Keyed, truths: readonly Truth[]): boolean {
  if (isGone(truths, { partition, seq })) return true
  const events = truths[partition]?.at(seq)?.commit.events ?? []
  return events.some(({ data }) => {
    return 'periodId' in data ? data.periodId === closes : 'paymentId' in data && data.paymentId === began
  })
}
