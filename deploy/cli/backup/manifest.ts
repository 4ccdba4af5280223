import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FoldState, initialFold, readFold, storeFold } from '@micropay/event-log/fold-state'
import { InputError } from '@micropay/sdk/input-error'
import { z } from 'zod'

/**
 * What one file of a backup says of itself, in a JSON file beside it that is written last: what has none was cut off,
 * and is nothing. `folds` are those of all partitions behind its records; the first of its records follow the folds of
 * the file before.
 */
export type Manifest = {
  readonly number: number
  readonly ledgerId: string
  /** An ISO date. */
  readonly madeAt: string
  /** `sha256`, in hexadecimal, is over the bytes as they lie on disk. */
  readonly file: { readonly name: string; readonly bytes: number; readonly sha256: string }
  readonly folds: readonly FoldState[]
}

/** Where a partition stands: `offset` is the next one of the log, `hash` that of the chain. */
const Place = z.object({ position: z.string(), offset: z.string(), hash: z.string() })

const Stored = z.object({
  format: z.literal(1),
  number: z.int().min(1),
  ledgerId: z.string().min(1),
  madeAt: z.iso.datetime(),
  file: z.object({
    name: z.string().regex(/^[\w-]+\.records\.zst$/),
    bytes: z.int().min(0),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  partitions: z
    .array(z.object({ from: Place, to: Place, fold: z.unknown().transform(readFold) }))
    .min(1)
    .max(1024),
})

export function manifestName(number: number): string {
  return `${String(number).padStart(6, '0')}.json`
}

/** As people read it: from where and to where each partition is in the file, and its fold there. */
export function manifestText(manifest: Manifest, before: readonly FoldState[]): string {
  const { folds, ...rest } = manifest
  const partitions = folds.map((fold, partition) => ({
    from: placeOf(before[partition] ?? initialFold(partition)),
    to: placeOf(fold),
    fold: storeFold(fold),
  }))
  return `${JSON.stringify({ format: 1, ...rest, partitions }, null, 2)}\n`
}

function placeOf({ partition, seq, offset, hash }: FoldState): z.infer<typeof Place> {
  return { position: `${partition}:${seq}`, offset: String(offset), hash }
}

/**
 * All of a backup, its first file first; none where the folder holds none, or is not there. Throws InputError where one
 * cannot be read, is missing, or does not go on from the one before.
 */
export async function readManifests(directory: string, names: readonly string[]): Promise<readonly Manifest[]> {
  const numbers = names
    .flatMap((name) => (/^[0-9]{6,}\.json$/.test(name) ? [Number.parseInt(name, 10)] : []))
    .toSorted((one, other) => one - other)
  const manifests: Manifest[] = []
  for (const [index, number] of numbers.entries()) {
    if (number !== index + 1) throw new InputError(`${join(directory, manifestName(index + 1))} is missing`)
    manifests.push(await readManifest(directory, number, manifests.at(-1)))
  }
  return manifests
}

async function readManifest(directory: string, number: number, before: Manifest | undefined): Promise<Manifest> {
  const path = join(directory, manifestName(number))
  const found = Stored.safeParse(jsonIn(await readFile(path, 'utf8')))
  if (!found.success) throw new InputError(`${path} is of no form that this release reads, or was changed`)
  const { partitions, format: _, ...rest } = found.data
  const folds = partitions.map(({ fold }) => fold)
  const isWhole =
    rest.number === number &&
    (before === undefined || (before.ledgerId === rest.ledgerId && before.folds.length === folds.length)) &&
    partitions.every(({ from, to, fold }, partition) => {
      const previous = before?.folds[partition] ?? initialFold(partition)
      return fold.partition === partition && isAt(from, previous) && isAt(to, fold)
    })
  if (!isWhole) throw new InputError(`${path} does not go on from the file before, or was changed`)
  return { ...rest, folds }
}

function isAt(place: z.infer<typeof Place>, fold: FoldState): boolean {
  const { position, offset, hash } = placeOf(fold)
  return place.position === position && place.offset === offset && place.hash === hash
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
