import { type CopyColumns, createCopyBuffer } from '../follow/copy-buffer.ts'
import type { Projection } from '../follow/projection.ts'
import { indexRecords } from './project.ts'
import { auditIndexes, createAuditTables } from './schema.ts'
import type { AccountRecord, IndexedRecord } from './tables.ts'

/** An index into the log: where each record stands and what its hash is, so that an audit reads from the log only what it needs. */
export const auditProjection: Projection = {
  service: 'audit',
  name: 'audit',
  version: 3,
  channel: 'audit_changed',
  createTables: createAuditTables,
  indexes: auditIndexes,
  openWriter: (schema, partition) => {
    let folded = emptyChanges()
    return {
      prepare: async () => undefined,
      fold(_commits, records) {
        const changes = indexRecords(partition, records)
        folded.records.add(changes.records)
        folded.accounts.add(changes.accounts)
      },
      take() {
        const changes = folded
        folded = emptyChanges()
        return async (client) => {
          await changes.records.copyInto(client, `${schema}.record`)
          await changes.accounts.copyInto(client, `${schema}.account_record`)
          return []
        }
      },
    }
  },
}

function emptyChanges() {
  return { records: createCopyBuffer(recordColumns), accounts: createCopyBuffer(accountColumns) }
}

const recordColumns: CopyColumns<IndexedRecord> = {
  partition: 'plain',
  log_offset: 'plain',
  kind: 'plain',
  reason: 'text',
  epoch: 'plain',
  seq: 'plain',
  hash: 'text',
}
const accountColumns: CopyColumns<AccountRecord> = { account_id: 'plain', partition: 'plain', seq: 'plain' }
