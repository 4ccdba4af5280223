import assert from 'node:assert/strict'
import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { systemClock } from '@micropay/runtime/clock'
import { ledgerId, opening, paying, startOwner } from '@micropay/write-side/handle/owner.fixture'
import { resumeLog } from './resume-log.ts'

/** Nobody waits as long as a worker's heartbeat may take. */
const clock = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(50, signal) }

test('what a state of other code says that the log must lead to is known to who resumes', async () => {
  const store = createMemoryStore()
  const log = openMemoryLog(store)
  await log.prepare(1)
  const owner = startOwner(log)
  await owner.submit(opening('ada', 'ada', 'unlimited'))
  await owner.submit(opening('ben', 'ben', '0'))
  for (const key of ['k3', 'k4', 'k5']) await owner.submit(paying(key, 'ada', 'ben', '10'))
  await owner.stop()
  const { directory } = owner
  const [name = ''] = readdirSync(directory)
  renameSync(join(directory, name), join(directory, 'partition-0-v4'))
  store.partitions[0]?.splice(5)

  const lines: string[] = []
  const isResumed = await resumeLog({
    ...{ partition: 0, actor: 'olga', reason: 'the upgrade failed', yes: true, log, ledgerId },
    ...{ directory, clock, print: (line: string) => void lines.push(line) },
    sources: { stateDirectories: [directory], databases: {}, verifications: undefined },
  })
  assert.ok(isResumed)
  assert.match(lines.join('\n'), /WRONG {5}the state of other code in .* ends at offset 5/)
  const next = startOwner(log, { directory })
  const paid = await next.submit(paying('k6', 'ada', 'ben', '10'))
  assert.ok(paid.kind === 'accepted' && (paid.position?.seq ?? 0) > 1_000_000)
  await next.stop()
})
