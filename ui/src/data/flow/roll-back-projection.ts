import { z } from 'zod'
import type { Client, Decided } from '../../api/client.ts'

const RollbackStarted = z.object({ schema: z.string() })
type RollbackStarted = z.infer<typeof RollbackStarted>

/** Goes back to a service's retired read model, which catches up first; the answer names its schema. */
export function rollBackProjection(client: Client, service: string, key: string): Promise<Decided<RollbackStarted>> {
  const path = `/v1/projections/${encodeURIComponent(service)}/rollback`
  return client.command({ path, body: {}, idempotencyKey: key, schema: RollbackStarted })
}
