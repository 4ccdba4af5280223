import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { ObjectStoreSettings } from './open-object-store.ts'

const wrongCount = { error: 'must be a whole number of commits, 1 or more' }
const wrongMinutes = { error: 'must be a number of minutes, 1 or more' }

/** Where snapshots of the state lie, and how often one is taken: a worker without SNAPSHOTS takes and uses none. */
export const snapshotEnvironment = {
  SNAPSHOTS: z.preprocess(
    emptyIsNone,
    z.url({ protocol: /^(file|s3)$/, error: 'file:///a/folder/of/all/workers, or s3://bucket/prefix' }).optional(),
  ),
  SNAPSHOT_EVERY: z.coerce.number(wrongCount).int(wrongCount).min(1, wrongCount).default(100_000),
  SNAPSHOT_EVERY_MINUTES: z.coerce.number(wrongMinutes).min(1, wrongMinutes).default(60),
  AWS_ENDPOINT_URL: z.preprocess(
    emptyIsNone,
    z.url({ error: 'must be the address of a server of S3, like https://s3.example' }).optional(),
  ),
  AWS_REGION: z.string().min(1, { error: 'must be the region of the bucket' }).default('us-east-1'),
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
