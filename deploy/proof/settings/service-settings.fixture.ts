import { settings as gateway } from '@micropay/gateway/settings'
import { settings as issuer } from '@micropay/local/issuer/settings'
import type { ServiceName } from '@micropay/local/start/service-table'
import { settings as accountsProjection } from '@micropay/projections/accounts/settings'
import { settings as auditProjection } from '@micropay/projections/audit/settings'
import { settings as reconciliationProjection } from '@micropay/projections/reconciliation/settings'
import { settings as accounts } from '@micropay/read-side/accounts/settings'
import { settings as audit } from '@micropay/read-side/audit/settings'
import { settings as reconciliation } from '@micropay/read-side/reconciliation/settings'
import { settings as writeSide } from '@micropay/write-side/settings'
import type { z } from 'zod'

/** What each service reads, by its name in docs/deployment.md. */
export const serviceSettings: Readonly<Record<ServiceName, z.ZodObject>> = {
  ...{ issuer, gateway, accounts, audit, reconciliation },
  'write-side': writeSide,
  'accounts-projection': accountsProjection,
  'audit-projection': auditProjection,
  'reconciliation-projection': reconciliationProjection,
}
