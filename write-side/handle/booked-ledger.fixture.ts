import { appendResume } from '@micropay/event-log/append-resume'
import type { EventLog, LogRecord } from '@micropay/event-log/event-log'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import type { CommandResult } from './command.ts'
import { ledgerId, opening, paying, startOwner, type TestOwner } from './owner.fixture.ts'

/** A log whose records a test takes away and changes, as a restored backup or a person with psql does. */
export async function openLog(clock: Clock = systemClock) {
  const store = createMemoryStore(clock)
  const log = openMemoryLog(store)
  await log.prepare(1)
  const records = store.partitions[0] as LogRecord[]
  return { log, records }
}

/** Two accounts and three payments, acknowledged at 1 to 5 by an owner that has ended since; then what `more` asks. */
export async function bookedLedger(clock: Clock = systemClock, more?: (owner: TestOwner) => Promise<void>) {
  const { log, records } = await openLog(clock)
  const owner = startOwner(log, { clock })
  for (const [id, limit] of [
    ['ada', 'unlimited'],
    ['ben', '0'],
  ] as const)
    await owner.submit(opening(id, id, limit))
  for (const key of ['k3', 'k4', 'k5']) await owner.submit(paying(key, 'ada', 'ben', '10'))
  await more?.(owner)
  await owner.stop()
  return { log, records, directory: owner.directory }
}

/** Why an owner stopped, as soon as it has. */
export async function stopped(owner: TestOwner): Promise<string> {
  for (;;) {
    const { stoppedBecause } = owner.status()
    if (stoppedBecause !== undefined) return stoppedBecause
    await systemClock.turn()
  }
}

export const pay = (owner: TestOwner, key: string): Promise<CommandResult> =>
  owner.submit(paying(key, 'ada', 'ben', '10'))

/** What an operator does who has looked at it. */
export const accept = (log: EventLog, aboveSeq: number) =>
  appendResume(log, 0, {
    ...{ ledgerId, actor: 'olga', reason: 'the backup of 08:00 was restored', aboveSeq, aboveEpoch: 9 },
    ...{ clock: systemClock, signal: new AbortController().signal },
  })
