import type { InboxMessage, ReceiveOptions } from './inbox.ts'

/**
 * What came for the partitions of a process and was not taken yet, in a bounded room: MOST_MESSAGES for each reader,
 * and an equal share of MOST_BYTES, though one message always fits. What comes beyond that is skipped, so a reader that
 * stands still costs the others nothing.
 */
export type Mailboxes = {
  /** From the call on, not only from the first time that somebody waits, `deliver` reaches it. */
  open(partition: number, options: ReceiveOptions): AsyncIterableIterator<readonly Uint8Array[]>
  /** Keeps the values as they are: nobody changes them, and they are not cut from something larger. */
  deliver(partition: number, values: readonly Uint8Array[]): void
  /** Those that somebody reads. */
  partitions(): number[]
  has(partition: number): boolean
  /** An outage, for the readers of a partition or for all: they are told once, until there is an answer. */
  failed(error: Error, partition?: number): void
  answered(partition?: number): void
  /** Ends all readers, and those that come. */
  close(): void
}

export const MOST_MESSAGES = 1_000
export const MOST_BYTES = 64 * 1024 * 1024

type Mailbox = ReceiveOptions & {
  held: Uint8Array[]
  bytes: number
  isSkipping: boolean
  isAway: boolean
  isOver: boolean
  /** What those wait for who found nothing. */
  arrival: PromiseWithResolvers<void> | undefined
  leave(): void
}

/** `onOpen` is told when somebody begins to read a partition that nobody read before. */
export function createMailboxes(onOpen: (partition: number) => void = () => {}): Mailboxes {
  const opened = new Map<number, Set<Mailbox>>()
  let isClosed = false
  const of = (partition: number | undefined) =>
    partition === undefined ? [...opened.values()].flatMap((each) => [...each]) : [...(opened.get(partition) ?? [])]

  function end(partition: number, mailbox: Mailbox): void {
    mailbox.isOver = true
    mailbox.held = []
    wake(mailbox)
    const same = opened.get(partition)
    same?.delete(mailbox)
    if (same?.size === 0) opened.delete(partition)
  }
  return {
    open(partition, options) {
      const mailbox: Mailbox = {
        ...{ ...options, held: [], bytes: 0, isSkipping: false, isAway: false, arrival: undefined },
        isOver: isClosed || options.signal.aborted,
        leave() {
          options.signal.removeEventListener('abort', mailbox.leave)
          end(partition, mailbox)
        },
      }
      if (mailbox.isOver) return readingOf(mailbox)
      options.signal.addEventListener('abort', mailbox.leave)
      const same = opened.get(partition) ?? new Set()
      opened.set(partition, same.add(mailbox))
      if (same.size === 1) onOpen(partition)
      return readingOf(mailbox)
    },
    deliver(partition, values) {
      for (const mailbox of of(partition)) put(mailbox, values, MOST_BYTES / opened.size)
    },
    partitions: () => [...opened.keys()],
    has: (partition) => opened.has(partition),
    failed(error, partition) {
      for (const mailbox of of(partition)) {
        if (!mailbox.isAway) mailbox.onTrouble?.(error)
        mailbox.isAway = true
      }
    },
    answered(partition) {
      for (const mailbox of of(partition)) mailbox.isAway = false
    },
    close() {
      isClosed = true
      for (const mailbox of of(undefined)) mailbox.leave()
    },
  }
}

/**
 * Brings the messages of this process that are said for the first time to its own readers, and answers the others. It
 * spares the store two turns of each, and the payment that waits for it.
 */
export function deliverNear(mailboxes: Mailboxes, messages: readonly InboxMessage[]): InboxMessage[] {
  return messages.filter(({ partition, value, isFirst = false }) => {
    const isNear = isFirst && mailboxes.has(partition)
    if (isNear) mailboxes.deliver(partition, [value])
    return !isNear
  })
}

function put(mailbox: Mailbox, values: readonly Uint8Array[], mostBytes: number): void {
  for (const value of values) {
    const { held, bytes } = mailbox
    const fits = held.length === 0 || (held.length < MOST_MESSAGES && bytes + value.byteLength <= mostBytes)
    if (fits) {
      held.push(value)
      mailbox.bytes += value.byteLength
    } else if (!mailbox.isSkipping) {
      mailbox.isSkipping = true
      mailbox.onTrouble?.(new Error(`messages are skipped: ${held.length} wait to be taken`))
    }
  }
  wake(mailbox)
}

function wake(mailbox: Mailbox): void {
  mailbox.arrival?.resolve()
  mailbox.arrival = undefined
}

function readingOf(mailbox: Mailbox): AsyncIterableIterator<readonly Uint8Array[]> {
  return {
    async next() {
      while (!mailbox.isOver && mailbox.held.length === 0) {
        mailbox.arrival ??= Promise.withResolvers<void>()
        await mailbox.arrival.promise
      }
      const { held } = mailbox
      if (mailbox.isOver) return { done: true, value: undefined }
      Object.assign(mailbox, { held: [], bytes: 0, isSkipping: false })
      return { done: false, value: held }
    },
    async return() {
      mailbox.leave()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
