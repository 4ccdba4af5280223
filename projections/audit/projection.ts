import type { Projection } from '../projection.ts'
import { type Columns, createRowBuffer } from '../write/row-buffer.ts'
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
        const { records, accounts } = folded
        folded = emptyChanges()
        const isLittle = records.isFew() && accounts.isFew()
        return {
          changed: [],
          async write(client) {
            await records.copyInto(client, `${schema}.record`)
            await accounts.copyInto(client, `${schema}.account_record`)
          },
          parts: isLittle
            ? (parameter) => [
                records.insertInto(`${schema}.record`, parameter),
                accounts.insertInto(`${schema}.account_record`, parameter),
              ]
            : undefined,
        }
      },
    }
  },
}

function emptyChanges() {
  return { records: createRowBuffer(recordColumns), accounts: createRowBuffer(accountColumns) }
}

const recordColumns: Columns<IndexedRecord> = {
  partition: 'int4',
  log_offset: 'int8',
  kind: 'text',
  reason: 'text',
  epoch: 'int8',
  seq: 'int8',
  hash: 'digest',
}
const accountColumns: Columns<AccountRecord> = { account_id: 'text', partition: 'int4', seq: 'int8' }
