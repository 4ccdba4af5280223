import { z } from 'zod'
import type { Client, Decided } from '../../api/client.ts'

const RebuildStarted = z.object({ schema: z.string() })
type RebuildStarted = z.infer<typeof RebuildStarted>

/** Builds a service's read model anew beside the live one; the answer names the schema that it is built in. */
export function rebuildProjection(client: Client, service: string, key: string): Promise<Decided<RebuildStarted>> {
  const path = `/v1/projections/${encodeURIComponent(service)}/rebuild`
  return client.command({ path, body: {}, idempotencyKey: key, schema: RebuildStarted })
}
