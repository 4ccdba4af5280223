/**
 * Tests of screens of which CI has time for half: one half a day, the other the next, and all of them by night.
 * What people do most, and what moves money, runs each time.
 */
export const screens = [
  ...['accounts', 'auditor', 'browser', 'filters', 'finance', 'flow', 'import-files', 'journal', 'name-check'],
  ...['pages', 'stopped-start', 'two-people', 'value-date', 'withdraw-statement'],
]

/** Whether a file waits for the next day, or for the night. */
export function isOffTurn(path: string, day: Date): boolean {
  const name = /([^/]+)\.e2e-test\.ts$/.exec(path)?.[1] ?? ''
  const place = screens.indexOf(name)
  const dayNumber = Math.floor(day.getTime() / 86_400_000)
  return place >= 0 && (place + dayNumber) % 2 === 1
}
