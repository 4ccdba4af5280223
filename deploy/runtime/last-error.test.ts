import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastError } from './last-error.ts'
import { createLogger } from './logger.ts'

const lines: string[] = []
const log = createLogger('test', 'info', { write: (line) => void lines.push(line) })
const last = () => lastError()?.text

test('the newest error is remembered, of children too, with its reason; lines stay as they are', () => {
  assert.equal(lastError(), null)
  log.warn('that is no error')
  assert.equal(lastError(), null)
  log.error({ err: new Error('no route to host'), partition: 3 }, 'the log does not answer')
  assert.equal(last(), 'the log does not answer: no route to host (partition 3)')
  log.info('nor is that')
  assert.equal(last(), 'the log does not answer: no route to host (partition 3)')
  log.child({ traceId: 'a' }).fatal(new Error('out of memory'))
  assert.equal(last(), 'out of memory')
  assert.ok(Date.parse(lastError()?.at ?? '') > 0)
  assert.equal(lines.length, 4)
  assert.match(lines[1] ?? '', /"level":50.*"partition":3.*"msg":"the log does not answer"/)
})

test('it is short, in one line, and without secrets', () => {
  log.error('x'.repeat(1_000))
  assert.equal(last()?.length, 300)
  log.error(`${' '.repeat(1_980)}postgres://writer:hunter2@db/ledger`)
  assert.equal(last(), '')
  log.error('one\ntwo\u202e\u0000three')
  assert.equal(last(), 'one two three')
  log.error(new Error('postgres://writer:hunter2@db/ledger?password=hunter3&x=1 refused: token=hunter4'))
  assert.equal(last(), 'postgres://…@db/ledger?password=…&x=1 refused: token=…')
  log.error('sent Authorization: Bearer eyJhbGciOi.eyJzdWIi.c2ln and was refused')
  assert.equal(last(), 'sent Authorization: … and was refused')
})

test('of what else was logged nothing is told', () => {
  log.error({ subject: 'customer:ada', headers: { authorization: 'secret' } }, 'a decision threw')
  assert.equal(last(), 'a decision threw')
})
