import type { RootDatabase } from 'lmdb'

type Pin = { done(): void }
type Writer = { readonly root: RootDatabase; readonly pins: Set<Pin> }

/** The environments that this process writes, by their directories: LMDB has one of each in a process. */
const writers = new Map<string, Writer>()

export function addWriter(path: string, root: RootDatabase): void {
  writers.set(path, { root, pins: new Set() })
}

/** Nothing of it is written any more, so nothing needs to be kept. */
export function removeWriter(path: string): void {
  const { pins } = writers.get(path) ?? {}
  writers.delete(path)
  for (const pin of pins ?? []) pin.done()
  pins?.clear()
}

/** Whether this process writes it. */
export function isWritten(path: string): boolean {
  return writers.has(path)
}

/**
 * Whoever looks meanwhile into the environment at `path`, from whatever process, finds all pages of this moment, or of
 * a later one: this process, if it writes it, uses none of them again before `work` has settled. A look that begins
 * while the first pages are written may find them half written, and takes what is whole for harmed: look again then.
 */
export async function whilePinned<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const writer = writers.get(path)
  const pin = writer?.root.useReadTransaction()
  if (pin) writer?.pins.add(pin)
  try {
    return await work()
  } finally {
    if (pin && writer?.pins.delete(pin)) pin.done()
  }
}
