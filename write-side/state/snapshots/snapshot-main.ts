import { writeSync } from 'node:fs'
import { setPriority } from 'node:os'
import { text } from 'node:stream/consumers'
import { readFold } from '@micropay/event-log/fold-state'
import { z } from 'zod'
import { openObjectStore } from './open-object-store.ts'
import { restoreSnapshot } from './restore.ts'
import { takeSnapshot } from './take.ts'

/**
 * Takes a snapshot, or makes a state of one, in a process of its own: neither stops what the worker decides meanwhile,
 * and a file that was cut off ends this process alone. Its input is what is asked, as JSON, since it holds secrets; it
 * prints what became of it, as JSON.
 */
const key = z.base64url().transform((bytes) => new Uint8Array(Buffer.from(bytes, 'base64url')))

const Store = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('folder'), path: z.string() }),
  z.object({
    ...{ kind: z.literal('s3'), endpoint: z.string(), prefix: z.string(), region: z.string() },
    ...{ accessKeyId: z.string(), secretAccessKey: z.string() },
  }),
])

const Asked = z.discriminatedUnion('kind', [
  z.object({
    ...{ kind: z.literal('take'), store: Store, path: z.string(), key, takenAt: z.string() },
    ...{ ledgerId: z.string(), partition: z.int() },
  }),
  z.object({
    ...{ kind: z.literal('restore'), store: Store, path: z.string(), key },
    manifest: z.object({
      fold: z.unknown().transform(readFold),
      content: z.object({ name: z.string(), bytes: z.int(), mac: z.string() }),
    }),
  }),
])

const asked = Asked.parse(JSON.parse(await text(process.stdin)))
const store = openObjectStore(asked.store)
// What nobody waits for leaves most of the processor to others; a moment that is read for long makes the state grow.
if (asked.kind === 'take') setPriority(10)
const said = asked.kind === 'take' ? await takeSnapshot(asked, store) : await restoreSnapshot(asked, store)
writeSync(process.stdout.fd, `${JSON.stringify(said)}\n`)
