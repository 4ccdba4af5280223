import type { EventOf, EventType } from '@micropay/schemas/log/event'
import type { CommitFacts, Fold, LedgerView, Put } from './ledger.ts'
import { folds } from './nouns.ts'

type EventData = { readonly [Type in EventType]: EventOf<Type>['data'] }
type EventIn<Type extends EventType> = {
  readonly [Each in Type]: { readonly type: Each; readonly version: number; readonly data: EventData[Each] }
}[Type]

const table: { readonly [Type in EventType]: Fold<EventData[Type]> } = folds

/**
 * The one fold of an event: all state that it changes, as it stands after it. Pure: replaying the log gives what
 * deciding did.
 */
export function evolve<Type extends EventType>(
  event: EventIn<Type>,
  ledger: LedgerView,
  commit: CommitFacts,
): readonly Put[] {
  return table[event.type](event.data, ledger, commit)
}
