import { LogError } from './event-log.ts'
import { type InboxMessage, sendUnknown } from './inbox.ts'

/**
 * Sends one batch at a time: what is to be sent meanwhile travels together in the next one, so that it waits for
 * nothing else. Where too much waits nothing is taken, until a batch has gone.
 */
export function createSender(technology: string, sendBatch: SendBatch): Sender {
  let waiting: Call[] = []
  const room = createWaitingRoom(technology)
  let isSending = false
  let isClosed = false

  async function sendAll(): Promise<void> {
    isSending = true
    while (waiting.length > 0) {
      const calls = waiting
      waiting = []
      for (const { leave } of calls) leave()
      try {
        await sendBatch(calls.flatMap(({ messages }) => messages))
        for (const { resolve } of calls) resolve()
      } catch (cause) {
        for (const { reject } of calls) reject(sendUnknown(technology, cause))
      }
    }
    isSending = false
  }
  return {
    async send(messages) {
      if (isClosed) throw new LogError('log_unavailable', 'the inbox is closed')
      if (messages.length === 0) return
      const leave = room.enter(messages)
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.push({ messages, leave, resolve, reject })
      if (!isSending) void sendAll()
      await promise
    },
    close() {
      isClosed = true
      const closed = new LogError('log_unavailable', 'the inbox was closed')
      for (const { reject } of waiting.splice(0)) reject(closed)
    },
  }
}

export type Sender = {
  /** Throws LogError as `Inbox.send` does. */
  send(messages: readonly InboxMessage[]): Promise<void>
  /** What waits fails; what is on its way goes on. */
  close(): void
}

/** Throws when it is not known whether all were kept, after a bounded time. */
export type SendBatch = (messages: readonly InboxMessage[]) => Promise<void>

/** Where messages wait to be sent: so many, or so many bytes. */
export function createWaitingRoom(technology: string): WaitingRoom {
  let waitingMessages = 0
  let waitingBytes = 0
  return {
    enter(messages) {
      const bytes = messages.reduce((sum, { value }) => sum + value.byteLength, 0)
      const isFull =
        waitingMessages + messages.length > MOST_WAITING_MESSAGES || waitingBytes + bytes > MOST_WAITING_BYTES
      if (waitingMessages > 0 && isFull) {
        throw new LogError('log_unavailable', `${technology} is too slow: ${waitingMessages} messages wait already`)
      }
      waitingMessages += messages.length
      waitingBytes += bytes
      return () => {
        waitingMessages -= messages.length
        waitingBytes -= bytes
      }
    },
  }
}

export type WaitingRoom = {
  /**
   * Answers how to leave. Throws LogError `log_unavailable` where there is no room; who finds nobody waiting always has
   * some.
   */
  enter(messages: readonly InboxMessage[]): () => void
}

export const MOST_WAITING_MESSAGES = 10_000
export const MOST_WAITING_BYTES = 16 * 1024 * 1024

type Call = {
  readonly messages: readonly InboxMessage[]
  readonly leave: () => void
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}
