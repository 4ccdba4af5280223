import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LogError } from './event-log.ts'
import { createSender, MOST_WAITING_BYTES, MOST_WAITING_MESSAGES } from './sender.ts'

const one = [{ partition: 0, value: new Uint8Array(1) }]
const isLogError = (code: LogError['code']) => (error: unknown) => error instanceof LogError && error.code === code

describe('what sends to inboxes', () => {
  test('one batch is on its way at a time, and what comes meanwhile travels together', async () => {
    const { sender, batches, settle } = held()
    const sends = Array.from({ length: 5 }, () => sender.send(one))
    assert.deepEqual(batches(), [1])
    settle()
    await sends[0]
    assert.deepEqual(batches(), [1, 4])
    settle()
    await Promise.all(sends)
  })

  test('a batch that failed fails those who are in it, and no others', async () => {
    const { sender, settle } = held()
    const [first, second] = [sender.send(one), sender.send(one)]
    settle(new Error('away'))
    await assert.rejects(first, isLogError('append_unknown'))
    settle()
    await second
  })

  for (const [what, messages] of [
    ['messages', Array.from({ length: MOST_WAITING_MESSAGES }, () => one).flat()],
    ['bytes', [{ partition: 0, value: new Uint8Array(MOST_WAITING_BYTES) }]],
  ] as const) {
    test(`no more than so many ${what} wait`, async () => {
      const { sender, settle } = held()
      const taken = [sender.send(one), sender.send(messages)]
      await assert.rejects(sender.send(one), isLogError('log_unavailable'))
      settle()
      await taken[0]
      taken.push(sender.send(one))
      settle()
      await taken[1]
      settle()
      await taken[2]
    })
  }

  test('closing fails what waits', async () => {
    const { sender, settle } = held()
    const sends = [sender.send(one), sender.send(one)]
    sender.close()
    await assert.rejects(sends[1] ?? sender.send(one), isLogError('log_unavailable'))
    await assert.rejects(sender.send(one), isLogError('log_unavailable'))
    settle()
    await sends[0]
  })
})

/** A store that answers when it is told to. */
function held() {
  const sizes: number[] = []
  let answer = Promise.withResolvers<void>()
  const sender = createSender('a store', (messages) => {
    sizes.push(messages.length)
    return answer.promise
  })
  return {
    sender,
    batches: () => sizes,
    settle(error?: Error) {
      const { resolve, reject } = answer
      answer = Promise.withResolvers()
      if (error) reject(error)
      else resolve()
    },
  }
}
