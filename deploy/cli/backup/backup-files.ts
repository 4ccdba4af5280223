import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { link, mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import type { FoldState } from '@micropay/event-log/fold-state'
import { InputError } from '@micropay/sdk/input-error'
import { type Framed, FrameError, readFrames } from './frames.ts'
import { type Manifest, manifestName, manifestText, readManifests } from './manifest.ts'

/**
 * What a folder holds of a backup, the first file first. Throws InputError where that is not whole: a file is gone, or
 * not as long as it was.
 */
export async function filesOfBackup(directory: string): Promise<readonly Manifest[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new InputError(`the backup cannot be read: ${error.message}`, { cause: error })
  })
  const files = await readManifests(directory, names)
  for (const file of files) await checkSize(directory, file)
  return files
}

async function checkSize(directory: string, { file }: Pick<Manifest, 'file'>): Promise<void> {
  const found = await stat(join(directory, file.name)).catch(() => undefined)
  if (found?.size !== file.bytes)
    throw damaged(directory, file, found ? `it has ${found.size} bytes` : 'it is not there')
}

function damaged(directory: string, { name }: Manifest['file'], why: string, cause?: unknown): InputError {
  return new InputError(`${join(directory, name)} is not as it was written: ${why}. Take another copy of it`, { cause })
}

export type NewFile = {
  readonly directory: string
  readonly number: number
  /** Part of the name, so that what was cut off is in nobody's way. */
  readonly id: string
}

/** Writes the frames into a new file, durably; nobody takes it for a part of the backup yet. */
export async function writeFrames(
  { directory, number, id }: NewFile,
  frames: AsyncIterable<Uint8Array>,
): Promise<Manifest['file']> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const name = `${String(number).padStart(6, '0')}-${id}.records.zst`
  const path = join(directory, name)
  const digest = createHash('sha256')
  try {
    const to = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true })
    await pipeline(Readable.from(frames), createZstdCompress(), digesting(digest), to)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { name, bytes: (await stat(path)).size, sha256: digest.digest('hex') }
}

/**
 * From then on the file is of the backup. Throws InputError where another one has its number meanwhile, and removes the
 * file then.
 */
export async function addToBackup(directory: string, manifest: Manifest, before: readonly FoldState[]): Promise<void> {
  const path = join(directory, manifestName(manifest.number))
  const part = join(directory, `${manifest.file.name}.part`)
  try {
    await writeFile(part, manifestText(manifest, before), { flag: 'wx', mode: 0o600, flush: true })
    await link(part, path)
  } catch (error) {
    await rm(join(directory, manifest.file.name), { force: true })
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    throw new InputError(`another backup wrote ${path} meanwhile: nothing was added`, { cause: error })
  } finally {
    await rm(part, { force: true })
  }
  const folder = await open(directory, 'r')
  await folder.sync().finally(() => folder.close())
}

/** Its records as they were appended. Throws InputError where the file is not the one that was written. */
export async function* readFramesOf(
  directory: string,
  { file }: Pick<Manifest, 'file'>,
): AsyncGenerator<readonly Framed[]> {
  const path = join(directory, file.name)
  await checkSize(directory, { file })
  const digest = createHash('sha256')
  const decompress = createZstdDecompress()
  const reading = pipeline(createReadStream(path), digesting(digest), decompress)
  reading.catch(() => undefined)
  try {
    yield* readFrames(decompress)
    await reading
  } catch (cause) {
    const why = cause instanceof FrameError ? cause.message : 'its bytes cannot be read'
    throw cause instanceof InputError ? cause : damaged(directory, file, why, cause)
  } finally {
    decompress.destroy()
  }
  if (digest.digest('hex') !== file.sha256) throw damaged(directory, file, 'its SHA-256 is another')
}

function digesting(digest: Hash): Transform {
  return new Transform({
    transform(chunk, _, done) {
      digest.update(chunk)
      done(null, chunk)
    },
  })
}
