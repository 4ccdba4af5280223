import { digest, exactText, int4, int8, orNull, text } from '../write/columns.ts'
import { table, type WrittenTo } from '../write/table.ts'

/**
 * Which commits that count concern an account of their tenant: those that changed it, and those that refused what it
 * was named to do. A refused command may name an account of another partition, so an account and a sequence alone are
 * no key.
 */
const accounts = table(
  'account_record',
  { tenant: exactText(), account_id: exactText(), partition: int4(), seq: int8() },
  {
    write: 'insert',
    indexesAfterLoading: { account_record_place: { on: ['account_id', 'tenant', 'partition', 'seq'], unique: true } },
  },
)

/**
 * Which commits are steps of a payment across partitions, on each of them. One inside a partition is its one commit,
 * and has no row.
 */
const payments = table(
  'payment_record',
  { tenant: exactText(), payment_id: exactText(), partition: int4(), seq: int8() },
  {
    write: 'insert',
    indexesAfterLoading: { payment_record_place: { on: ['payment_id', 'partition', 'seq'], unique: true } },
  },
)

/** One row a record of the log, heartbeats left out: where it stands, never what it says. */
const records = table(
  'record',
  {
    partition: int4(),
    log_offset: int8(),
    kind: exactText<RecordKind>(),
    /** Why a void does not count. */
    reason: orNull(text()),
    epoch: orNull(int8()),
    /** Of commits, void ones too, and of a claim that a person made by a resume. */
    seq: orNull(int8()),
    /** Whose command a commit that counts decided: who may see it whatever became of its bytes. */
    tenant: orNull(exactText()),
    /**
     * 32 bytes: of a commit that counts the chain's hash after it, of any other record the SHA-256 of its bytes alone.
     */
    hash: digest(),
  },
  {
    write: 'insert',
    key: ['partition', 'log_offset'],
    indexes: { record_commit: { on: ['partition', 'seq'], unique: true, where: `kind = 'commit'` } },
    indexesAfterLoading: {
      record_void: { on: ['partition', 'seq'], where: `kind = 'void'` },
      record_claim: { on: ['partition', 'epoch'], unique: true, where: `kind = 'claim'` },
    },
  },
)

/** The audit index. */
export const auditTables = { accounts, payments, records }

/** Rises when the tables or the fold change; `digest` is that of the statements that make the tables. */
export const auditVersion = { version: 6, digest: '738dc053b38ec4ad' }

export type RecordKind = 'genesis' | 'claim' | 'commit' | 'void' | 'ignored'

export type IndexedRecord = WrittenTo<typeof records>
export type PaymentRecord = WrittenTo<typeof payments>
export type AccountRecord = WrittenTo<typeof accounts>
