import { defineProjection } from '../write/define-projection.ts'
import { indexRecords } from './project.ts'
import { auditTables, auditVersion } from './tables.ts'

/**
 * An index into the log: where each record stands and what its hash is, so that an audit reads from the log only what
 * it needs.
 */
export const auditProjection = defineProjection({
  service: 'audit',
  name: 'audit',
  ...auditVersion,
  tables: auditTables,
  fold: ({ partition, records }) => indexRecords(partition, records),
})
