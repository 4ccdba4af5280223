import { type EventLog, LogError } from '@micropay/event-log/event-log'
import type { ReplayBroken, ReplayStep } from '@micropay/schemas/api/replay'
import type { AccountName } from '../position/account-name.ts'
import type { ReadModel } from '../position/open-database.ts'
import { placesOfAccount } from './audit-index.ts'
import type { AuditTables } from './audit-tables.ts'
import { checkedCommit } from './check-record.ts'
import { readPlaces } from './read-records.ts'
import { type ReplayedCommit, type ReplayState, replayCommit } from './replay.ts'

/**
 * Replays an account from a state on, commit by commit, straight from the log: it reads no more of the log than the
 * consumer takes, and holds one page of places. It ends at a record that is not what was indexed, and quietly when the
 * signal says that nobody takes any more. Where the index stopped, what comes behind its last place is not known, and
 * that is how it ends.
 */
export async function* replayAccount(
  { model, log }: ReplaySource,
  account: ReplayedAccount,
  from: ReplayState,
  pageSize: number,
  signal: AbortSignal,
): AsyncGenerator<Replayed> {
  let state = from
  for (;;) {
    const places = await placesOfAccount(model, account, state.seq, pageSize)
    let at = places[0]
    try {
      for await (const { place, record } of readPlaces(log, places, signal)) {
        at = place
        const checked = checkedCommit(place, record.value)
        if ('broken' in checked) return yield { broken: { position: positionOf(place), detail: checked.broken } }
        const { commit } = checked
        if (commit.tenant !== account.tenant) {
          return yield { broken: { position: positionOf(place), detail: 'the index names a commit of another tenant' } }
        }
        const replayed = replayCommit(state, account.accountId, place.partition, commit, place.hash)
        state = replayed.state
        yield replayed
      }
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof LogError) || error.code !== 'log_truncated' || !at) throw error
      return yield { broken: { position: positionOf(at), detail: error.message } }
    }
    if (places.length < pageSize) break
  }
  if (account.stopped && state.step > 0) yield { broken: account.stopped }
}

export type ReplayedAccount = AccountName & { readonly stopped?: ReplayBroken | undefined }

export type ReplaySource = { readonly model: ReadModel<AuditTables>; readonly log: EventLog }

/** A replay whose first commit was asked for already, so that an account that does not exist could be told. */
export type Replay = {
  readonly start: ReplayState
  readonly first: Replayed | undefined
  readonly rest: AsyncGenerator<Replayed>
  /** The step to begin with: what lies before is folded all the same. */
  readonly from: number
}
export type Replayed = ReplayedCommit | { readonly broken: ReplayBroken }

export async function* allOf({ first, rest }: Replay): AsyncGenerator<Replayed> {
  try {
    if (first) yield first
    yield* rest
  } finally {
    await rest.return(undefined)
  }
}

export function stepsShown({ from }: Replay, { state, steps }: ReplayedCommit): readonly ReplayStep[] {
  return state.step < from ? [] : steps.filter(({ step }) => step >= from)
}

function positionOf(place: { readonly partition: number; readonly seq: number | null }): string {
  return `${place.partition}:${place.seq}`
}
