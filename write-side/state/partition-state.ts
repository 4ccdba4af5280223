import type { Commit, Outcome } from '@micropay/schemas/log/commit'
import type { RefusalCause, Rejection } from '@micropay/schemas/log/rejection'
import { type Kept, keptOf } from '../decide/decide.ts'
import { evolve } from '../decide/evolve.ts'
import type { Decided, LedgerView, Put } from '../decide/ledger.ts'
import { type Overlay, overlayOn } from '../decide/overlay.ts'

/**
 * What one idempotency key led to: enough to give the same answer again. An accepted command's answer is its request
 * (the same by `requestHash`) with what its noun keeps.
 */
export type KeyEntry = Decided &
  Partial<Kept> & {
    readonly seq: number
    readonly requestHash: string
    readonly rejection?: ToldRejection
  }

/**
 * The state and the key that a commit changes: what the owner's state takes over once the commit counts. It holds
 * nothing else of the commit, since thousands of changes wait to be written.
 */
export type StateChange = {
  readonly scopedKey: string
  readonly keyEntry: KeyEntry
  /** In the order of the events: the last one of a table and key stands. */
  readonly puts: readonly Put[]
}

/**
 * An idempotency key is its caller's own: scoped by tenant, client and subject, since everybody at a browser shares
 * the gateway as their client, and one person's key must never answer another.
 */
export function scopedKeyOf({
  tenant,
  actor,
  idempotencyKey,
}: Pick<Commit, 'tenant' | 'actor' | 'idempotencyKey'>): string {
  return `${tenant}\n${actor.client}\n${actor.subject}\n${idempotencyKey}`
}

/**
 * Folds one commit onto the ledger as it stood before it: each event sees what the ones before it put. Pure:
 * replaying the log gives the same changes as deciding did.
 */
export function changeOf(commit: Commit, ledger: LedgerView): StateChange {
  const puts: Put[] = []
  const after = behind(ledger, puts)
  for (const event of commit.events) puts.push(...evolve(event, after, commit))
  return { scopedKey: scopedKeyOf(commit), keyEntry: keyEntryOf(commit, ledger, after), puts }
}

/** The ledger with all that is put by then. After its only event, as most commits have, nobody looks. */
function behind(ledger: LedgerView, puts: readonly Put[]): LedgerView {
  let overlay: Overlay | undefined
  let laid = 0
  return {
    read(table, key) {
      if (puts.length === 0) return ledger.read(table, key)
      overlay ??= overlayOn(ledger)
      if (laid < puts.length) overlay.put(puts.slice(laid))
      laid = puts.length
      return overlay.read(table, key)
    },
  }
}

function keyEntryOf(commit: Commit, before: LedgerView, after: LedgerView): KeyEntry {
  const entry = { seq: commit.seq, requestHash: commit.requestHash, decidedAt: commit.decidedAt }
  if (commit.outcome.kind === 'rejected') {
    return { ...entry, rejection: rejectionTold(commit, commit.outcome) }
  }
  return { ...entry, ...keptOf(commit, before, after) }
}

/** A refusal as its caller is told it: `cause` is for staff. */
export type ToldRejection = Rejection & { readonly cause?: RefusalCause }

/** Whoever approves is staff, and decides about what somebody else may not know: of an approval the cause is told. */
export function rejectionTold(
  { command }: Pick<Commit, 'command'>,
  { code, detail, pointer, cause }: Extract<Outcome, { kind: 'rejected' }>,
): ToldRejection {
  const isTold = cause !== undefined && command.type === 'ApproveCommand'
  return { code, detail, ...(pointer === undefined ? {} : { pointer }), ...(isTold ? { cause } : {}) }
}
