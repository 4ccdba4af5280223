import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { ObjectStoreSettings } from './open-object-store.ts'

/** Where snapshots of the state lie, and how often one is taken: a worker without SNAPSHOTS takes and uses none. */
export const snapshotEnvironment = {
  SNAPSHOTS: z.preprocess(
    emptyIsNone,
    z.url({ protocol: /^(file|s3)$/, error: 'file:///a/folder/of/all/workers, or s3://bucket/prefix' }).optional(),
  ),
  SNAPSHOT_EVERY: z.coerce.number().int().min(1).default(100_000),
  SNAPSHOT_EVERY_MINUTES: z.coerce.number().min(1).default(60),
  AWS_ENDPOINT_URL: z.preprocess(emptyIsNone, z.url().optional()),
  AWS_REGION: z.string().min(1).default('us-east-1'),
  AWS_ACCESS_KEY_ID: z.string().default(''),
  AWS_SECRET_ACCESS_KEY: z.string().default(''),
}

function emptyIsNone(value: unknown): unknown {
  return value === '' ? undefined : value
}

const Environment = z.object(snapshotEnvironment)

/** Undefined without SNAPSHOTS. */
export function objectStoreSettings(config: z.infer<typeof Environment>): ObjectStoreSettings | undefined {
  if (config.SNAPSHOTS === undefined) return undefined
  const url = new URL(config.SNAPSHOTS)
  if (url.protocol === 'file:') return { kind: 'folder', path: fileURLToPath(url) }
  const region = config.AWS_REGION
  const server = config.AWS_ENDPOINT_URL ?? `https://s3.${region}.amazonaws.com`
  return {
    kind: 's3',
    endpoint: `${server.replace(/\/+$/, '')}/${url.hostname}`,
    prefix: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, ''),
    region,
    accessKeyId: config.AWS_ACCESS_KEY_ID,
    secretAccessKey: config.AWS_SECRET_ACCESS_KEY,
  }
}
