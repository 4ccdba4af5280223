import { defineProjection } from '../write/define-projection.ts'
import { projectLimits, touchedAccounts } from './project.ts'
import { limitsTables, limitsVersion } from './tables.ts'

/** How far each account may be overdrawn, and how far it is: what the limits read-side answers from. */
export const limitsProjection = defineProjection({
  service: 'limits',
  name: 'limits',
  ...limitsVersion,
  tables: limitsTables,
  known: { of: 'limits', keys: touchedAccounts },
  fold: ({ partition, commits, known }) => projectLimits(partition, commits, known),
})
