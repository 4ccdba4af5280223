import { exactText, instant, int4, int8, json, numeric, orNull, text } from '../write/columns.ts'
import { table, type WrittenTo } from '../write/table.ts'

/**
 * Payments whose accounts live on several partitions, each written by its coordinator's alone. `state`: not decided
 * yet, decided and not done everywhere, or ended: nothing more is to come of it.
 */
export const acrossPayments = table(
  'across_payment',
  {
    payment_id: exactText(),
    partition: int4(),
    seq: int8(),
    tenant: exactText(),
    state: text<'deciding' | 'posting' | 'releasing' | 'ended'>(),
    /** With the partitions of the other legs than its own. */
    participants: json<number[]>(),
    legs: json<AcrossLeg[]>(),
    effective_at: instant(),
    decided_at: instant(),
    deadline: instant(),
    reference: orNull(text()),
    description: orNull(text()),
    /** What its entries count under, wherever they are, once both are read; '' where it names none. */
    operation: exactText(),
    purpose: exactText(),
  },
  {
    key: ['payment_id'],
    write: { set: ['state'], by: ['payment_id'] },
    fillfactor: 80,
    indexesAfterLoading: {
      across_open: { on: ['tenant', 'decided_at', 'partition', 'seq'], where: `state <> 'ended'` },
    },
  },
)

export type AcrossLeg = {
  readonly account: string
  readonly amount: string
  readonly currency: string
  /** The account that its money is against, where it is one. */
  readonly other?: string | undefined
}

/**
 * What stands on the transit account of a partition for another one. Each partition has rows of its own, so that none
 * waits for another's.
 */
export const transits = table(
  'transit',
  { tenant: exactText(), partition: int4(), other: int4(), currency: text(), balance: numeric() },
  {
    key: ['other', 'tenant', 'partition', 'currency'],
    write: { add: ['balance'], by: ['other', 'tenant', 'partition', 'currency'] },
    fillfactor: 60,
  },
)

/** What moved it: a balance of the past is that of now without what came after. */
export const transitEntries = table(
  'transit_entry',
  {
    tenant: exactText(),
    partition: int4(),
    seq: int8(),
    other: int4(),
    currency: text(),
    amount_minor: int8(),
    effective_at: instant(),
  },
  {
    write: 'insert',
    indexesAfterLoading: {
      transit_entry_place: ['tenant', 'partition', 'seq'],
      transit_entry_by_value_date: ['tenant', 'effective_at'],
    },
  },
)

export type NewAcrossPayment = WrittenTo<typeof acrossPayments>
export type NewTransit = WrittenTo<typeof transits>
export type NewTransitEntry = WrittenTo<typeof transitEntries>
