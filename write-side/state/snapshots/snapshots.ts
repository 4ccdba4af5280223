import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { storeFold } from '@micropay/event-log/fold-state'
import type { Clock } from '@micropay/runtime/clock'
import type { Keys } from '@micropay/runtime/settings/key-ring'
import { z } from 'zod'
import { isWritten, whilePinned } from '../lmdb/pins.ts'
import { STATE_VERSION } from '../mark.ts'
import type { Expected } from '../tables.ts'
import { type Manifest, MOST_MANIFEST_BYTES, openManifest } from './manifest.ts'
import { folderOf, snapshotNames } from './names.ts'
import type { ObjectStore } from './object-store.ts'
import { type ObjectStoreSettings, openObjectStore } from './open-object-store.ts'
import type { Restored } from './restore.ts'
import type { Taken } from './take.ts'

/** Copies of one partition's state for whoever has none, where all workers of the ledger find them. */
export type Snapshots = {
  readonly where: string
  /** The newest ones, of whatever version of the state: at most so many, and those that nobody may believe. */
  newest(most: number): Promise<Listed>
  /** Puts a state in the place of the one on disk, which nobody may have open. Throws where it could not. */
  restore(manifest: Manifest, signal: AbortSignal): Promise<Restored>
  /** Takes one of the state on disk as it is now, whoever has it open. Throws where it could not. */
  take(takenAt: string, signal: AbortSignal): Promise<Taken>
}

export type Listed = { readonly found: readonly Manifest[]; readonly refused: readonly Refused[] }

/** A snapshot that is not used, and why. */
export type Refused = { readonly name: string; readonly reason: string }

/** Whether this code reads the state. */
export function isReadable({ stateVersion }: Manifest): boolean {
  return stateVersion === STATE_VERSION
}

export type SnapshotsOptions = Expected & {
  readonly store: ObjectStoreSettings
  /** Of the ledger: `snapshotKey`. Of several the first one seals, and what any of them sealed is believed. */
  readonly key: Uint8Array | (() => Keys<Uint8Array>)
  /** Of the state on disk. */
  readonly path: string
  readonly clock: Pick<Clock, 'timer'>
  /** The partitions of a process share them. */
  readonly turns: Turns
}

/** Runs so many at a time, the others wait. */
export type Turns = <Result>(kind: 'take' | 'restore', work: () => Promise<Result>) => Promise<Result>

/** What others wait for never waits for what nobody waits for. */
export function createTurns(): Turns {
  const last = { take: Promise.resolve(), restore: Promise.resolve() }
  return (kind, work) => {
    const result = last[kind].then(work)
    last[kind] = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }
}

export function createSnapshots(options: SnapshotsOptions): Snapshots {
  const { ledgerId, partition, path, turns } = options
  const store = openObjectStore(options.store)
  const keys = typeof options.key === 'function' ? options.key : () => [options.key as Uint8Array] as const
  const sealedBy: SealedBy = new WeakMap()
  const shared = (key: Uint8Array) => ({ store: options.store, path, key: Buffer.from(key).toString('base64url') })
  return {
    where: store.where,
    newest: (most) => newestIn({ store, ledgerId, partition, keys: keys(), sealedBy }, most),
    restore: (found, signal) => {
      const { fold, content } = found
      const manifest = { fold: storeFold(fold), content }
      const key = sealedBy.get(found) ?? keys()[0]
      return turns('restore', () => apart(options, { kind: 'restore', ...shared(key), manifest }, Said.restore, signal))
    },
    take: (takenAt, signal) => {
      const asked = { kind: 'take', ...shared(keys()[0]), takenAt, ledgerId, partition }
      const take = () => whilePinned(path, () => apart(options, asked, Said.take, signal))
      return turns('take', async () => {
        const taken = await take()
        return taken.kind === 'harmed' && isWritten(path) ? take() : taken
      })
    },
  }
}

/** Names that lead to nothing, or to what is not to be believed, hide the others only up to here. */
const MOST_READ = 50

/** The key that sealed a manifest has sealed its content, too. */
type SealedBy = WeakMap<Manifest, Uint8Array>

type Looked = Expected & {
  readonly store: ObjectStore
  readonly keys: Keys<Uint8Array>
  readonly sealedBy: SealedBy
}

async function newestIn({ store, ledgerId, partition, keys, sealedBy }: Looked, most: number): Promise<Listed> {
  const found: Manifest[] = []
  const refused: Refused[] = []
  const names = snapshotNames(await store.list(folderOf({ ledgerId, partition }))).filter((each) => each.isManifest)
  for (const { name } of names.slice(0, MOST_READ)) {
    if (found.length === most) break
    const bytes = await manifestBytes(store, name)
    // Removed meanwhile, as an old one.
    if (!bytes) continue
    const manifest = openByAny(bytes, { keys, sealedBy, ledgerId, partition })
    if ('fault' in manifest) refused.push({ name, reason: manifest.fault })
    else found.push(manifest)
  }
  found.sort((one, other) => other.fold.seq - one.fold.seq)
  return { found, refused }
}

/** Or why the first key does not open it. */
function openByAny(bytes: Uint8Array, { keys, sealedBy, ...expected }: Omit<Looked, 'store'>) {
  const [first, ...others] = keys.map((key) => {
    const opened = openManifest(bytes, key, expected)
    if (!('fault' in opened)) sealedBy.set(opened, key)
    return opened
  })
  assert(first, 'a ring has a key')
  return 'fault' in first ? (others.find((opened) => !('fault' in opened)) ?? first) : first
}

async function manifestBytes(store: ObjectStore, name: string): Promise<Uint8Array | undefined> {
  const chunks = await store.read(name)
  if (!chunks) return undefined
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    bytes += chunk.byteLength
    if (bytes > MOST_MANIFEST_BYTES) break
  }
  return Buffer.concat(parts)
}

const Said = {
  restore: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('restored'), digest: z.string() }),
    z.object({ kind: z.literal('refused'), reason: z.string() }),
  ]) satisfies z.ZodType<Restored>,
  take: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('taken'), seq: z.int(), takenAt: z.string(), bytes: z.int() }),
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('harmed'), reason: z.string() }),
  ]) satisfies z.ZodType<Taken>,
}

/** A process that takes longer is ended: an object store that stands still has limits of its own before. */
const WITHIN_MS = 1_800_000

/** In a process of its own. Throws what `signal` aborts with, and what the process says of its end. */
async function apart<Answer>(
  { clock }: SnapshotsOptions,
  asked: object,
  said: z.ZodType<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  signal.throwIfAborted()
  const program = fileURLToPath(new URL('./snapshot-main.ts', import.meta.url))
  const { NODE_COMPILE_CACHE, NODE_EXTRA_CA_CERTS } = process.env
  const child = spawn(process.execPath, [program], { env: { NODE_COMPILE_CACHE, NODE_EXTRA_CA_CERTS } })
  const stop = () => void child.kill('SIGKILL')
  const timer = clock.timer(WITHIN_MS, stop)
  signal.addEventListener('abort', stop)
  // It may end before it has read all, which its end says.
  child.stdin.on('error', () => {})
  child.stdin.end(JSON.stringify(asked))
  try {
    const [[code, killedBy], output, errors] = await Promise.all([
      once(child, 'close'),
      text(child.stdout),
      text(child.stderr),
    ])
    signal.throwIfAborted()
    if (code === 0) return said.parse(JSON.parse(output))
    throw new Error(errorIn(errors) ?? `it ended ${killedBy ? `by ${killedBy}` : `with exit code ${code}`}`)
  } finally {
    signal.removeEventListener('abort', stop)
    timer.cancel()
  }
}

/** As Node prints what nobody caught. */
function errorIn(errors: string): string | undefined {
  return errors.split('\n').find((line) => /^[A-Za-z0-9_]*Error\b/.test(line))
}
