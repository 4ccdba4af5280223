import { copyRows } from '../follow/copy-rows.ts'
import type { Projection } from '../follow/projection.ts'
import { indexRecords } from './project.ts'
import { createAuditIndexes, createAuditTables } from './schema.ts'
import type { AccountRecord, IndexedRecord } from './tables.ts'

/** An index into the log: where each record stands and what its hash is, so that an audit reads from the log only what it needs. */
export const auditProjection: Projection = {
  service: 'audit',
  name: 'audit',
  version: 2,
  channel: 'audit_changed',
  takesEveryRecord: true,
  createTables: createAuditTables,
  createIndexes: createAuditIndexes,
  openWriter: (schema, partition) => ({
    async write(client, _commits, folds) {
      const { records, accounts } = indexRecords(partition, folds)
      await copyRows(client, `${schema}.record`, recordColumns, records)
      await copyRows(client, `${schema}.account_record`, accountColumns, accounts)
      return []
    },
    forget: () => undefined,
  }),
}

const recordColumns = [
  'partition',
  'log_offset',
  'kind',
  'reason',
  'epoch',
  'seq',
  'hash',
] as const satisfies readonly (keyof IndexedRecord)[]
const accountColumns = ['account_id', 'partition', 'seq'] as const satisfies readonly (keyof AccountRecord)[]
