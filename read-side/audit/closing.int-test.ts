import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { EventLog } from '@micropay/event-log/event-log'
import { openMemoryLog } from '@micropay/event-log/memory/event-log'
import { createLogger } from '@micropay/runtime/logger'
import { VerifyLine } from '@micropay/schemas/api/audit'
import { Problem } from '@micropay/schemas/api/problem'
import { type AuditFixture, startAudit } from './audit.fixture.ts'

let audit: AuditFixture
let errors: string[]
/** While set, what the audit reads of the log does not come; each read that waits so tells by it. */
let onHeld: (() => void) | undefined

beforeEach(async () => {
  errors = []
  onHeld = undefined
  const logger = createLogger('audit', 'error', { write: (line) => void errors.push(line) })
  audit = await startAudit({ openLog: openHeldLog, logger })
  const { ledger } = audit
  await audit.append(ledger.genesis(), ledger.claim(), ledger.open('ada'))
  assert.equal((await audit.get('/v1/audit/records/0/1')).statusCode, 200)
})
afterEach(() => audit.close())

/** A log that does not answer until its reader gives up, once a test says so. */
function openHeldLog(): EventLog {
  const log = openMemoryLog()
  return {
    ...log,
    async *read(partition, from, options) {
      if (!onHeld || options.until === undefined) return yield* log.read(partition, from, options)
      onHeld()
      await new Promise((resolve) => options.signal.addEventListener('abort', resolve, { once: true }))
    },
  }
}

/** Closes the service while the log holds a request of this path. */
async function closedWhile(path: string) {
  const held = new Promise<void>((resolve) => {
    onHeld = resolve
  })
  const answered = audit.get(path)
  await held
  await audit.app.close()
  return answered
}

test('a record that is being read when the service closes is a 503, and no error', async () => {
  const answer = await closedWhile('/v1/audit/records/0/1')
  assert.equal(answer.statusCode, 503)
  assert.equal(answer.headers['retry-after'], '1')
  const { code, detail } = Problem.parse(answer.json())
  assert.deepEqual([code, detail], ['overloaded', 'this service is closing: ask again'])
  assert.deepEqual(errors, [])
})

test('a verification that is under way when the service closes says so in its last line, and is no error', async () => {
  const answer = await closedWhile('/v1/audit/partitions/0/verify')
  const last = VerifyLine.parse(JSON.parse(answer.body.trimEnd().split('\n').at(-1) ?? ''))
  assert.deepEqual(last, { failed: { detail: 'this service is closing: ask again' } })
  assert.deepEqual(errors, [])
})
