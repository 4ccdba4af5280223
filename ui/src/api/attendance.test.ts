import assert from 'node:assert/strict'
import { test } from 'node:test'
import { watchAttendance } from './attendance.ts'
import { createClient } from './client.ts'
import { rememberOwnWrites } from './own-writes.ts'

test('a page is attended for a minute after it was loaded, and after each touch of it', () => {
  let nowMs = 1_000
  const page = new EventTarget()
  const isAttended = watchAttendance(page, () => nowMs)
  nowMs += 59_999
  assert.equal(isAttended(), true)
  nowMs += 1
  assert.equal(isAttended(), false)
  page.dispatchEvent(new Event('keydown'))
  assert.equal(isAttended(), true)
})

test('what an unattended page asks says so, all that it asks', async () => {
  let attended = false
  const sent: (string | null)[] = []
  const client = createClient({
    fetch: async (_url, init) => {
      sent.push(new Headers(init?.headers).get('x-unattended'))
      return new Response(null, { status: 204 })
    },
    ownWrites: rememberOwnWrites(() => 0),
    csrfToken: () => 'token',
    isAttended: () => attended,
    nowMs: () => 0,
  })
  await client.post('/session/logout')
  attended = true
  await client.post('/session/logout')
  assert.deepEqual(sent, ['?1', null])
})
