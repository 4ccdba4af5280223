import {
  AccountFrozen,
  AccountOpened,
  AccountOpenedV1,
  AccountStatusChanged,
  AccountStatusV1,
} from './account-events.ts'
import { frozenFromV1, frozenToV1, openedFromV1, openedToV1, statusFromV1, statusToV1 } from './account-versions.ts'
import {
  CommandApproved,
  CommandApprovedV1,
  type EventType,
  LedgerEvent,
  PaymentPosted,
  PaymentPostedV1,
} from './event.ts'
import { type Generations, versionIn } from './generations.ts'
import { paymentFromV1, paymentToV1 } from './payment-versions.ts'
import {
  LegsPosted,
  LegsPostedV1,
  LegsReleased,
  LegsReleasedV1,
  PaymentCompleted,
  PaymentCompletedV1,
} from './saga-events.ts'
import { ImportedStatement, StatementImportedV1, statementFromV1, statementToV1 } from './statement-shapes.ts'

type EventData = Readonly<Record<string, unknown>>

/** Turns the data of one version of an event into the data of the next one. Pure, total, and never removed. */
export type Upcaster = (data: EventData) => EventData

/** The current version of every event type, as its schema has it. */
export const currentVersions: Readonly<Record<string, number>> = Object.fromEntries(
  LedgerEvent.options.map(({ shape }) => [shape.type.value, shape.version.value]),
)

/** `upcasters.PaymentPosted[1]` turns version 1 into version 2, and so on up to the current one. */
export const upcasters: Readonly<Partial<Record<EventType, Readonly<Record<number, Upcaster>>>>> = {
  AccountOpened: { 1: (data) => openedFromV1(AccountOpenedV1.parse(data)) },
  AccountFrozen: { 1: (data) => frozenFromV1(AccountStatusV1.parse(data)) },
  AccountUnfrozen: { 1: (data) => statusFromV1(AccountStatusV1.parse(data)) },
  AccountClosed: { 1: (data) => statusFromV1(AccountStatusV1.parse(data)) },
  StatementImported: { 1: (data) => statementFromV1(StatementImportedV1.parse(data)) },
  PaymentPosted: { 1: (data) => paymentFromV1(PaymentPostedV1.parse(data)) },
  CommandApproved: { 1: (data) => CommandApprovedV1.parse(data) },
  PaymentCompleted: { 1: (data) => PaymentCompletedV1.parse(data) },
  LegsPosted: { 1: (data) => LegsPostedV1.parse(data) },
  LegsReleased: { 1: (data) => LegsReleasedV1.parse(data) },
}

/** Says what an event of one version says in the version before it; undefined where that cannot be said. Pure. */
export type Downcaster = (data: EventData) => EventData | undefined

/** `downcasters.PaymentPosted[2]` turns version 2 into version 1: its upcaster gives back what it was. */
export const downcasters: Readonly<Partial<Record<EventType, Readonly<Record<number, Downcaster>>>>> = {
  AccountOpened: { 2: (data) => openedToV1(AccountOpened.parse(data)) },
  AccountFrozen: { 2: (data) => frozenToV1(AccountFrozen.parse(data)) },
  AccountUnfrozen: { 2: (data) => statusToV1(AccountStatusChanged.parse(data)) },
  AccountClosed: { 2: (data) => statusToV1(AccountStatusChanged.parse(data)) },
  StatementImported: { 2: (data) => statementToV1(ImportedStatement.parse(data)) },
  PaymentPosted: { 2: (data) => paymentToV1(PaymentPosted.parse(data)) },
  CommandApproved: { 2: (data) => approvedToV1(CommandApproved.parse(data)) },
  PaymentCompleted: { 2: (data) => completedToV1(PaymentCompleted.parse(data)) },
  LegsPosted: { 2: (data) => postedToV1(LegsPosted.parse(data)) },
  LegsReleased: { 2: (data) => releasedToV1(LegsReleased.parse(data)) },
}

/** Undefined where it says whose command was approved: version 1 could not. */
function approvedToV1({ maker, ...approved }: CommandApproved): CommandApprovedV1 | undefined {
  return maker === undefined ? approved : undefined
}

/** Version 1 of these had no words for what came of lost history. */
function completedToV1({ learned, ...completed }: PaymentCompleted): PaymentCompletedV1 | undefined {
  return learned === undefined ? completed : undefined
}

function postedToV1({ forced, ...posted }: LegsPosted): LegsPostedV1 | undefined {
  return forced === undefined ? posted : undefined
}

function releasedToV1({ code, ...released }: LegsReleased): LegsReleasedV1 | undefined {
  return code === undefined ? released : undefined
}

/**
 * An event as a worker of that generation writes it; undefined where the generation has no words for it, and a newer
 * one must be announced first.
 */
export function lowered(
  event: StoredEvent & { readonly type: EventType },
  generation: number,
  table?: Generations,
  steps: Readonly<Partial<Record<string, Readonly<Record<number, Downcaster>>>>> = downcasters,
): StoredEvent | undefined {
  const wanted = versionIn(generation, event.type, table)
  if (wanted === undefined) return undefined
  let { version, data } = event
  while (version > wanted) {
    const before = steps[event.type]?.[version]?.(data)
    if (!before) return undefined
    data = before
    version -= 1
  }
  return { type: event.type, version, data }
}

export class UnknownEventError extends Error {
  readonly code = 'unknown_event'
}

/** An event as it stands in a record, in whatever version. */
export type StoredEvent = { readonly type: string; readonly version: number; readonly data: EventData }

function isEventType(type: string): type is EventType {
  return Object.hasOwn(currentVersions, type)
}

/** Throws UnknownEventError for what came with a later generation: under this one, nobody has written it. */
export function checkAnnounced({ type, version }: StoredEvent, generation: number): void {
  const known = isEventType(type) ? versionIn(generation, type) : undefined
  if (known === undefined || version > known) {
    throw new UnknownEventError(`event ${type} version ${version} is none of generation ${generation}`)
  }
}

/**
 * Lifts a stored event to its current version; throws UnknownEventError for a type or version that this code has never
 * heard of.
 */
export function upcast(
  stored: StoredEvent,
  versions: Readonly<Record<string, number>> = currentVersions,
  steps: Readonly<Partial<Record<string, Readonly<Record<number, Upcaster>>>>> = upcasters,
): StoredEvent {
  const current = Object.hasOwn(versions, stored.type) ? versions[stored.type] : undefined
  if (current === undefined || stored.version > current || stored.version < 1) {
    throw new UnknownEventError(`event ${stored.type} version ${stored.version} is unknown here`)
  }
  let { version, data } = stored
  while (version < current) {
    const step = steps[stored.type]?.[version]
    if (!step) throw new UnknownEventError(`no upcaster from ${stored.type} version ${version}`)
    data = step(data)
    version += 1
  }
  return { type: stored.type, version, data }
}
