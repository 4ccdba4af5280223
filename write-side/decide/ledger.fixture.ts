import type { LedgerEvent } from '@micropay/schemas/log/event'
import { evolve } from './evolve.ts'
import type { LedgerView, Put } from './ledger.ts'
import { emptyLedger, overlayOn } from './overlay.ts'

/** A ledger that holds these, and nothing else. */
export function ledgerWith(...puts: readonly Put[]): LedgerView {
  const ledger = overlayOn(emptyLedger)
  ledger.put(puts)
  return ledger
}

/** The ledger after one event of the tenant `main`. */
export function ledgerAfter(event: LedgerEvent, before: LedgerView, seq = 1, subject = 'operator:olga'): LedgerView {
  const ledger = overlayOn(before)
  ledger.put(evolve(event, before, { tenant: 'main', seq, actor: { subject, client: 'test' }, partition: 0, hash: '' }))
  return ledger
}
