import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { createHandClock } from '../hand-clock.fixture.ts'
import { createLogger } from '../logger.ts'
import { createSpanQueue, MOST_WAITING } from './span-queue.ts'

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0]

/** A queue whose exports a test answers, and what it says. */
function standing() {
  const clock = createHandClock()
  const lines: string[] = []
  const asked: { readonly size: number; readonly answer: (result: Result) => void }[] = []
  const log = createLogger('test', 'info', { write: (line) => void lines.push(JSON.parse(line).msg) })
  const queue = createSpanQueue({
    exporter: { export: (spans, answer) => void asked.push({ size: spans.length, answer }) },
    clock,
    log,
  })
  const [span] = [{} as ReadableSpan]
  const end = (count: number) => {
    for (let index = 0; index < count; index += 1) queue.processor.onEnd(span)
  }
  async function answer(result: Result): Promise<void> {
    asked.shift()?.answer(result)
    await clock.turn()
  }
  return { clock, lines, asked, queue, end, answer }
}

const [taken, failed] = [{ code: 0 }, { code: 1, error: new Error('ECONNREFUSED') }]

test('spans are sent a second after they ended, or when there are many, one request at a time', async () => {
  const { clock, asked, queue, end, answer } = standing()
  end(3)
  assert.equal(asked.length, 0)
  clock.advance(1_000)
  assert.deepEqual(
    asked.map(({ size }) => size),
    [3],
  )
  end(600)
  clock.advance(5_000)
  assert.equal(asked.length, 1)
  await answer(taken)
  assert.deepEqual(
    asked.map(({ size }) => size),
    [512],
  )
  await answer(taken)
  assert.deepEqual(
    asked.map(({ size }) => size),
    [88],
  )
  await answer(taken)
  assert.deepEqual(queue.counts(), { exported: 603, dropped: 0, waiting: 0 })
})

test('while the receiver is away spans are dropped and counted, which is said once, and that it is over', async () => {
  const { clock, lines, queue, end, answer } = standing()
  for (let round = 0; round < 3; round += 1) {
    end(10)
    clock.advance(1_000)
    await answer(failed)
  }
  assert.deepEqual(queue.counts(), { exported: 0, dropped: 30, waiting: 0 })
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /^traces are lost/)
  end(1)
  clock.advance(1_000)
  await answer(taken)
  assert.deepEqual(lines.slice(1), ['traces reach their receiver again'])
  assert.deepEqual(queue.counts(), { exported: 1, dropped: 30, waiting: 0 })
})

test('what a receiver does not take in time waits, up to so many, and never longer', async () => {
  const { lines, queue, end } = standing()
  end(MOST_WAITING + 512)
  assert.deepEqual(queue.counts(), { exported: 0, dropped: 0, waiting: MOST_WAITING })
  end(5)
  assert.deepEqual(queue.counts(), { exported: 0, dropped: 5, waiting: MOST_WAITING })
  assert.equal(lines.length, 1)
})

test('who closes waits half a second at most for a silent receiver, and counts what was not sent', async () => {
  const { clock, lines, queue, end } = standing()
  end(600)
  let isClosed = false
  const closing = queue.close().then(() => {
    isClosed = true
  })
  await clock.turn()
  assert.equal(isClosed, false)
  clock.advance(500)
  await closing
  assert.deepEqual(queue.counts(), { exported: 0, dropped: 88, waiting: 0 })
  assert.equal(lines.length, 1)
})
