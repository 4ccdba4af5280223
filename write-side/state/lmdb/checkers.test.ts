import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { append, expected, freshDirectory } from '../state.fixture.ts'
import { openStateStore } from '../state-store.ts'
import { createCheckers } from './checkers.ts'
import { lmdbDisk } from './disk.ts'

/** The checking processes that are started meanwhile. */
function watchProcesses(context: TestContext): { readonly started: ChildProcess[]; most(): number } {
  const started: ChildProcess[] = []
  const running = new Set<ChildProcess>()
  let most = 0
  const note = (message: unknown) => {
    const { process: child } = message as { process: ChildProcess }
    started.push(child)
    running.add(child)
    most = Math.max(most, running.size)
    child.on('close', () => running.delete(child))
  }
  channel('child_process').subscribe(note)
  context.after(() => channel('child_process').unsubscribe(note))
  return { started, most: () => most }
}

/** Paths of so many states. */
async function states(context: TestContext, count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const disk = lmdbDisk(freshDirectory(context), 0, systemClock)
      const { store } = await openStateStore(disk, expected)
      await append(store, 3)
      await store.close()
      return disk.name
    }),
  )
}

test('many states are checked by as many processes as may run at once, each one after the other', async (context) => {
  const paths = await states(context, 12)
  const processes = watchProcesses(context)
  const checkers = createCheckers(systemClock, 2)
  const verdicts = await Promise.all(paths.map((path) => checkers.check({ path, ...expected })))
  assert.deepEqual(new Set(verdicts.map(({ kind }) => kind)), new Set(['sound']))
  assert.deepEqual([processes.started.length, processes.most()], [2, 2])
  for (const child of processes.started)
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
})

test('what ends a check, or is of no use, leaves the next state to another process', async (context) => {
  const [first = '', cut = '', second = ''] = await states(context, 3)
  truncateSync(join(cut, 'data.mdb'), 4096)
  const processes = watchProcesses(context)
  const checkers = createCheckers(systemClock, 1)
  const found = await Promise.all([
    ...[first, cut, second].map((path) => checkers.check({ path, ...expected })),
    checkers.check({ path: first, ledgerId: 'other', partition: 0 }),
    checkers.check({ path: second, ...expected }),
  ])
  const kinds = found.map(({ kind }) => kind)
  assert.deepEqual(kinds, ['sound', 'unreadable', 'sound', 'foreign', 'sound'])
  assert.equal(processes.started.length, 3)
})

test('who does not wait any longer leaves its place, and what nobody waits for holds up nobody', async (context) => {
  const [path = ''] = await states(context, 1)
  const processes = watchProcesses(context)
  const checkers = createCheckers(systemClock, 1)
  const left = new AbortController()
  const background = checkers.check({ path, ...expected }, { background: true })
  const first = checkers.check({ path, ...expected })
  const gone = checkers.check({ path, ...expected }, { signal: left.signal })
  const last = checkers.check({ path, ...expected })
  left.abort(new Error('nobody waits'))
  await assert.rejects(gone, /nobody waits/)
  assert.deepEqual(await Promise.all([background, first, last]), Array(3).fill({ kind: 'sound' }))
  assert.deepEqual([processes.started.length, processes.most()], [2, 2])
  const stopped = new AbortController()
  const running = checkers.check({ path, ...expected }, { signal: stopped.signal })
  setImmediate(() => stopped.abort(new Error('it closes')))
  await assert.rejects(running, /it closes/)
})
