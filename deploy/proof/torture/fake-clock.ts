import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Debian's and Ubuntu's package libfaketime puts it below the folder of the machine's kind. */
const library = findLibrary()

/** Whether the clock of a process can be moved here: it takes the package libfaketime. */
export const canMoveClocks = library !== undefined

/** What a process is started with whose clock `moveClock` moves; the one that only ever goes on is not moved. */
export function clockEnvironment(directory: string, name: string): Readonly<Record<string, string>> {
  if (library === undefined) return {}
  moveClock(directory, name, 0)
  return {
    ...{ LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clockFile(directory, name), DONT_FAKE_MONOTONIC: '1' },
    // How long the file is believed, in seconds.
    FAKETIME_CACHE_DURATION: '1',
  }
}

/** Sets the clock of a running process that far from the true time; it is seen within a second. */
export function moveClock(directory: string, name: string, byMs: number): void {
  const path = clockFile(directory, name)
  const seconds = byMs / 1000
  writeFileSync(`${path}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`)
  renameSync(`${path}.new`, path)
}

function clockFile(directory: string, name: string): string {
  return join(directory, `clock-${name}`)
}

function findLibrary(): string | undefined {
  if (process.platform !== 'linux') return undefined
  const paths = readdirSync('/usr/lib').map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketimeMT.so.1'))
  return paths.find((path) => existsSync(path))
}
