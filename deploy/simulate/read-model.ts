import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import type { Commit } from '@micropay/schemas/log/commit'
import type { Books } from './books.ts'
import { commitKey } from './commit-key.ts'
import type { Fail } from './violation.ts'

/** Rows and checkpoint, which move together, in a database far from all processes. */
export type ReadModel = {
  checkpoint(): FoldState
  /** What is read now, and which one of those that were built so far it is. */
  live(): { readonly version: number; readonly checkpoint: FoldState }
  /** Moves both, or throws where somebody else has moved them. */
  apply(from: FoldState, to: FoldState, commits: readonly Commit[]): void
  /** Whoever follows has seen that the log leads here. */
  follows(fold: FoldState): void
  stop(reason: string): void
  stopped(): string | undefined
  /** Built anew from the beginning of the log in place of that version, unless another has taken its place already. */
  buildAnew(instead: number): void
  /** What is wrong with the rows, measured by the books. */
  check(books: Books): string | undefined
}

/** `mayBeLate`: who read it before the log was another one may write it now. */
export function createReadModel(
  partition: number,
  mayBeLate: (commit: Commit) => boolean,
  books: () => Books,
  fail: Fail,
): ReadModel {
  let version = 0
  let checkpoint = initialFold(partition)
  let balances = new Map<string, bigint>()
  let reason: string | undefined
  return {
    checkpoint: () => checkpoint,
    live: () => ({ version, checkpoint }),
    apply(from, to, commits) {
      if (from.offset !== checkpoint.offset || from.hash !== checkpoint.hash) throw new Error('another has moved it')
      for (const commit of commits) {
        book(balances, commit)
        const counted = books().commitOf(commitKey(commit))
        if (counted?.seq === commit.seq || mayBeLate(commit)) continue
        fail({ rule: 'only what counts is read', detail: `${commit.seq}: the log has it at ${counted?.seq}` })
      }
      checkpoint = to
      reason = undefined
    },
    follows(fold) {
      if (fold.offset === checkpoint.offset) reason = undefined
    },
    stop(said) {
      reason = said
    },
    stopped: () => reason,
    buildAnew(instead) {
      if (instead !== version) return
      version += 1
      checkpoint = initialFold(partition)
      balances = new Map()
      reason = undefined
    },
    check({ commits }) {
      const expected = new Map<string, bigint>()
      for (const commit of commits()) if (commit.seq <= checkpoint.seq) book(expected, commit)
      const wrong = [...expected].find(([account, minor]) => balances.get(account) !== minor)
      if (wrong) return `${wrong[0]} stands at ${balances.get(wrong[0])}, and it should be ${wrong[1]}`
      return balances.size === expected.size ? undefined : 'there are accounts that nobody paid'
    },
  }
}

/** Each tenant has ids of its own. */
function book(balances: Map<string, bigint>, { tenant, events }: Commit): void {
  for (const event of events) {
    const isPosted = event.type === 'PaymentPosted' || event.type === 'LegsPosted'
    for (const { account, amount } of isPosted ? event.data.legs : []) {
      const key = `${tenant} ${account}`
      balances.set(key, (balances.get(key) ?? 0n) + BigInt(amount))
    }
  }
}
