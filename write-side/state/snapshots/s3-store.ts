import { openAsBlob } from 'node:fs'
import { S3mini } from 's3mini'
import { fetch } from 'undici'
import type { ObjectStore } from './object-store.ts'

export type S3Settings = {
  /** With the bucket as the path: `https://s3.eu-central-1.amazonaws.com/bucket`. */
  readonly endpoint: string
  /** Put in front of each name; empty, or without a `/` at its ends. */
  readonly prefix: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/**
 * Objects in a bucket, over S3's protocol. What is longer than a part is uploaded in parts, which a bucket shows as an
 * object only once the last one is there.
 */
export function s3Store({ prefix, ...settings }: S3Settings): ObjectStore {
  const client = new S3mini({
    ...{ ...settings, requestAbortTimeout: REQUEST_MS, minPartSize: PART_BYTES },
    // That of Node 24 ends the process where a connection ends while its answer is still being read (undici 5360).
    fetch: fetch as unknown as typeof globalThis.fetch,
  })
  const within = prefix === '' ? '' : `${prefix}/`
  return {
    where: `${settings.endpoint}/${prefix}`,
    async list(folder) {
      const objects = await client.listObjects('/', `${within}${folder}/`)
      if (!objects) throw new Error(`there is no bucket at ${settings.endpoint}`)
      return objects.map(({ Key }) => Key.slice(within.length))
    },
    async read(name) {
      const response = await client.getObjectResponse(`${within}${name}`)
      return response?.body ?? undefined
    },
    async write(name, content) {
      const body = 'file' in content ? await openAsBlob(content.file) : content
      await client.putAnyObject(`${within}${name}`, body)
    },
    async remove(name) {
      await client.deleteObject(`${within}${name}`)
    },
  }
}

/** For one request: a part, or a whole object that is read. */
const REQUEST_MS = 120_000
/** Four are uploaded at a time. */
const PART_BYTES = 8 << 20
