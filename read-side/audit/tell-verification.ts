import type { Logger } from '@micropay/runtime/logger'
import { openReadModel } from '../position/open-database.ts'
import type { AuditTables } from './audit-tables.ts'
import { type Ended, type EndedAcross, keepAcross, keepVerification } from './verifications.ts'

/**
 * Keeps a verification that was made outside the service, as if the service had made it: whoever looks is told the same
 * whoever found it, until the partition is verified again. Throws when the audit's database does not take it.
 */
export async function tellVerification(databaseUrl: string, ended: Ended | EndedAcross, logger: Logger): Promise<void> {
  // None of its tables is one of a projection's version.
  const model = openReadModel<AuditTables>(databaseUrl, logger, { version: 0, name: 'micropay' })
  const kept = 'fold' in ended ? keepVerification(model, ended) : keepAcross(model, ended)
  await kept.finally(() => model.destroy())
}

export type { Ended, EndedAcross }
