import type { PeriodSeal } from '@micropay/schemas/log/period-events'
import { exactText, instant, int4, int8, json, orNull, text } from '../write/columns.ts'
import { table, type WrittenTo } from '../write/table.ts'

/**
 * What was decided about a tenant's periods, a row for each fact: `closed`, `reopened`, or the `zone` in whose days
 * they are closed. On several partitions a closing is begun (`closing`), taken over and sealed by each partition for
 * itself, and then `closed` or `called off`. Which of them stand follows from all.
 */
export const periodFacts = table(
  'period_fact',
  {
    partition: int4(),
    seq: int8(),
    tenant: exactText(),
    kind: text<'closed' | 'reopened' | 'zone' | 'closing' | 'called off' | 'taken' | 'sealed'>(),
    /** Of the closing, for all that became of it, too; null for a zone. */
    period_id: orNull(exactText()),
    /** Of a reopening the first open day; null where no period was closed before. */
    from_day: orNull(text()),
    through_day: orNull(text()),
    day_zone: orNull(text()),
    closed_before: orNull(instant()),
    /** Where the figures were read that `sealed` is the digest of. */
    read_seq: orNull(int8()),
    sealed: orNull(text()),
    reason: orNull(text()),
    /** Of a closing on several partitions: the seals of all of them, and until when it waits for them. */
    seals: orNull(json<PeriodSeal[]>()),
    waits_until: orNull(instant()),
    /** Why one was called off. */
    code: orNull(text()),
    detail: orNull(text()),
    /** What was approved, where it took two persons. */
    proposal_id: orNull(exactText()),
    decided_at: instant(),
    /** Who asked for it; null where a second person approved it, and the log does not say for whom. */
    actor: orNull(text()),
    approved_by: orNull(text()),
  },
  { write: 'insert', key: ['partition', 'seq'], indexesAfterLoading: { period_fact_by_tenant: ['tenant', 'kind'] } },
)

export type NewPeriodFact = WrittenTo<typeof periodFacts>
