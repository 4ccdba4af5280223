import { FoldError, foldRecord } from '@micropay/event-log/fold'
import { type FoldState, initialFold } from '@micropay/event-log/fold-state'
import { InputError } from '@micropay/sdk/input-error'
import { counted } from '../progress.ts'
import { placeLine } from './back-up-log.ts'
import { filesOfBackup, readFramesOf } from './backup-files.ts'
import type { Framed } from './frames.ts'
import type { Manifest } from './manifest.ts'

/**
 * Reads all of a backup without any log: each file is as it was written, and its records lead, by the fold of every
 * reader, to where it says. Prints where, and answers the files. Throws InputError with what is wrong.
 */
export async function checkBackup(
  directory: string,
  print: (line: string) => void,
): Promise<readonly [Manifest, ...Manifest[]]> {
  const [first, ...others] = await filesOfBackup(directory)
  if (!first) throw new InputError(`there is no backup in ${directory}`)
  const folds = first.folds.map((_, partition) => initialFold(partition))
  let records = 0
  for (const file of [first, ...others]) {
    for await (const frames of readFramesOf(directory, file)) {
      for (const framed of frames) foldFramed(folds, framed, file)
      records += frames.length
    }
    for (const fold of file.folds) if (!isAt(folds[fold.partition], fold)) throw leadsElsewhere(file)
  }
  print(`${counted(others.length + 1, 'file')}, ${counted(records, 'record')} of the ledger ${first.ledgerId}`)
  print(`as of ${[first, ...others].at(-1)?.madeAt}`)
  for (const fold of folds) print(placeLine(fold))
  return [first, ...others]
}

function foldFramed(folds: FoldState[], { partition, record }: Framed, file: Manifest): void {
  const state = folds[partition]
  if (!state) throw leadsElsewhere(file)
  try {
    folds[partition] = foldRecord(state, { offset: state.offset, ...record }).state
  } catch (cause) {
    if (!(cause instanceof FoldError)) throw cause
    throw new InputError(`${file.file.name} cannot be folded: ${cause.message}`, { cause })
  }
}

function isAt(fold: FoldState | undefined, said: FoldState): boolean {
  if (!fold) return false
  return fold.offset === said.offset && fold.seq === said.seq && fold.hash === said.hash && !fold.alarm
}

function leadsElsewhere({ file }: Manifest): InputError {
  return new InputError(`${file.name} does not lead to what is said of it: it was changed. Take another copy`)
}
