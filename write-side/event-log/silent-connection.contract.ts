import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import type { ProxyMode, TcpProxy } from '@micropay/runtime/tcp-proxy.fixture'
import { LogError, type NewRecord } from './event-log.ts'
import { type FreshLog, handle, opened } from './fresh-log.fixture.ts'
import { appendTo, nextBatch } from './log-reading.fixture.ts'

/**
 * What every adapter that speaks over a network does when its connections stay open and bring nothing any more. All
 * handles of `fresh` go through the proxy. The time that a test may take is the time in which it must heal.
 */
export function describeSilentConnections(name: string, proxy: () => TcpProxy, fresh: FreshLog): void {
  describe(`the event log on ${name}, when connections swallow what is sent`, () => {
    for (const mode of ['hold', 'answersOnly'] as const) {
      test(`each is noticed and replaced: ${mode}`, { timeout: 30_000 }, async (context) => {
        const open = await fresh()
        const log = handle(context, open)
        await log.prepare(1)
        await appendTo(log, 0, numbered(0))
        const batches = log.read(0, 0n, { signal: context.signal })[Symbol.asyncIterator]()
        assert.equal((await nextBatch(batches)).length, 1)
        const appender = await opened(context, log, 0)
        assert.equal(await log.end(0), 1n)

        const pass = swallowing(context, proxy(), mode)
        const arriving = nextBatch(batches)
        const unknown = assert.rejects(appender.append(numbered(1)), isLogError('append_unknown'))
        const asked = [
          orUnavailable(log.end(0)),
          orUnavailable(handle(context, open).prepare(1)),
          orUnavailable(log.openAppender(0).then((another) => another.close())),
        ]
        await pass()

        assert.equal(await appendTo(handle(context, open), 0, numbered(1)), 1n)
        assert.equal((await arriving)[0]?.offset, 1n)
        await Promise.all([unknown, ...asked])
        await log.prepare(1)
        assert.equal(await log.end(0), 2n)
        await batches.return?.()
      })
    }

    test('a log is closed all the same, and its appenders', { timeout: 30_000 }, async (context) => {
      const open = await fresh()
      const log = open()
      await log.prepare(1)
      await appendTo(log, 0, numbered(0))
      const appender = await log.openAppender(0)
      const batches = log.read(0, 0n, { signal: context.signal })[Symbol.asyncIterator]()
      await nextBatch(batches)
      const waiting = nextBatch(batches)
      swallowing(context, proxy(), 'hold')
      await Promise.all([appender.close(), log.close()])
      assert.deepEqual(await waiting, [])
    })
  })
}

/** Lets the proxy swallow from now on; answers how to end that, which waits until it has swallowed something. */
function swallowing(context: TestContext, proxy: TcpProxy, mode: ProxyMode): () => Promise<void> {
  const before = proxy.swallowedBytes()
  context.after(() => proxy.set('pass'))
  proxy.set(mode)
  return async () => {
    while (proxy.swallowedBytes() === before) await systemClock.turn()
    proxy.set('pass')
  }
}

/** What is asked while nothing is answered may fail, and says then that the log is out of reach. */
async function orUnavailable(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!isLogError('log_unavailable')(error)) throw error
  }
}

function isLogError(code: LogError['code']) {
  return (error: unknown) => error instanceof LogError && error.code === code
}

function numbered(index: number): NewRecord[] {
  return [{ key: String(index), value: new TextEncoder().encode(`{"n":${index}}`) }]
}
