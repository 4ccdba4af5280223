/**
 * Tests of screens, and of what an operator does seldom, of which CI has time for a quarter: another one each day, and
 * all of them by night. What people do most, and what moves money, runs each time.
 */
export const screens = [
  ...[
    'accounts',
    'auditor',
    'browser',
    'eventstoredb',
    'filters',
    'finance',
    'flow',
    'import-across',
    'import-files',
    'journal',
    'little-room',
    'move',
    'name-check',
  ],
  ...[
    'pages',
    'parked',
    'periods-across',
    'private-files',
    'split-roles',
    'stopped-start',
    'tls',
    'two-people',
    'value-date',
    'withdraw-statement',
  ],
]

const turns = 4

/** Whether a file waits for one of the next days, or for the night. */
export function isOffTurn(path: string, day: Date): boolean {
  const name = /([^/]+)\.e2e-test\.ts$/.exec(path)?.[1] ?? ''
  const place = screens.indexOf(name)
  const dayNumber = Math.floor(day.getTime() / 86_400_000)
  return place >= 0 && (place + dayNumber) % turns !== 0
}
