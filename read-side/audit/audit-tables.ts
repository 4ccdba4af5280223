import type { AccountRecord, IndexedRecord, PaymentRecord } from '@micropay/projections/audit/tables'
import type { Generated, GeneratedAlways } from 'kysely'

/**
 * The audit's database: the index, in the live version's schema, and who used it, in a schema that no rebuild touches.
 */
export type AuditTables = {
  record: RecordTable
  account_record: AccountRecord
  payment_record: PaymentRecord
  'audit.access': AccessTable
}

/** As the projection writes it, with the hash as bytes. */
type RecordTable = Omit<IndexedRecord, 'hash'> & { readonly hash: Buffer }

type AccessTable = {
  id: Generated<bigint>
  at: Generated<Date>
  tenant: string
  subject: string
  client: string
  /** The method and the URL as it came. What follows is derived from it (access-table.ts). */
  request: string
  method: GeneratedAlways<string>
  route: GeneratedAlways<string | null>
  account: GeneratedAlways<string | null>
  position: GeneratedAlways<string | null>
  actor: GeneratedAlways<string | null>
  asked: GeneratedAlways<string>
}
