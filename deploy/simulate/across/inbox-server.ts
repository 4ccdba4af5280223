import { createHash } from 'node:crypto'
import { type Inbox, type InboxMessage, sendUnknown } from '@micropay/event-log/inbox'
import { createMailboxes } from '@micropay/event-log/mailboxes'
import { ask, type Link } from '../network.ts'
import type { Process } from '../process.ts'
import type { Random } from '../random.ts'
import type { Scheduler } from '../scheduler.ts'

/** What a message meets on its way; `changed`: one of its bits is another. */
export type MessageFate = 'lost' | 'late' | 'twice' | 'changed'

/**
 * The inboxes of all partitions, far from all processes. They keep nothing and promise nothing: each message comes,
 * some time later, to everybody who listens then, and often overtakes others.
 */
export type InboxServer = {
  send(messages: readonly InboxMessage[]): void
  /** `hear` is called for each message of any partition, for as long as the process runs. */
  join(process: Process, hear: (message: InboxMessage) => void): void
  /** What messages meet from now on, each with that probability. */
  fault: { readonly fate: MessageFate; readonly probability: number } | undefined
  /** It takes nothing and gives nothing. */
  isAway: boolean
  /** Somebody who is no worker puts a message there. */
  forge(message: InboxMessage): void
  /** One that was sent before comes once more. */
  repeat(): void
  /** Whether those bytes were made by no worker, or changed on their way. */
  isStrange(value: Uint8Array): boolean
  /** How many were sent, and how many came to somebody. */
  counts(): { readonly sent: number; readonly heard: number }
}

/** So many messages may be sent again later. */
const MOST_KEPT = 5_000

export function createInboxServer(scheduler: Scheduler, random: Random): InboxServer {
  let listeners: { readonly process: Process; readonly hear: (message: InboxMessage) => void }[] = []
  const kept: InboxMessage[] = []
  const strange = new Set<string>()
  const counts = { sent: 0, heard: 0 }

  function arrive(message: InboxMessage): void {
    if (server.isAway) return
    listeners = listeners.filter(({ process }) => !process.crashed())
    counts.heard += 1
    for (const { hear } of listeners) hear(message)
  }
  const comes = (message: InboxMessage, afterMs: number) =>
    scheduler.after(afterMs, `a message for ${message.partition}`, () => arrive(message))
  /** Most come at once, and some overtake hundreds of others. */
  const wayMs = () => (random.chance(0.05) ? random.between(20, 400) : random.between(0.1, 5))

  const server: InboxServer = {
    fault: undefined,
    isAway: false,
    send(messages) {
      for (const { partition, value } of messages) {
        const message = { partition, value: Uint8Array.from(value) }
        counts.sent += 1
        if (kept.length < MOST_KEPT) kept.push(message)
        const { fault } = server
        const fate = fault && random.chance(fault.probability) ? fault.fate : 'arrives'
        if (fate === 'lost') continue
        if (fate === 'changed') server.forge({ partition, value: flipped(message.value, random) })
        else comes(message, fate === 'late' ? random.between(500, 30_000) : wayMs())
        if (fate === 'twice') comes(message, random.between(0, 2_000))
      }
    },
    join: (process, hear) => void listeners.push({ process, hear }),
    forge(message) {
      strange.add(digestOf(message.value))
      comes(message, wayMs())
    },
    repeat() {
      if (kept.length > 0) comes(random.pick(kept), wayMs())
    },
    isStrange: (value) => strange.has(digestOf(value)),
    counts: () => counts,
  }
  return server
}

function flipped(value: Uint8Array, random: Random): Uint8Array {
  const at = random.below(value.length)
  return value.map((byte, index) => (index === at ? byte ^ (1 << random.below(7)) : byte))
}

function digestOf(value: Uint8Array): string {
  return createHash('sha256').update(value).digest('base64url')
}

export type InboxPortOptions = {
  readonly scheduler: Scheduler
  readonly server: InboxServer
  readonly process: Process
  readonly link: Link
}

/** The bound that the real inboxes have. */
const TIMEOUT_MS = 5_000

/** The inboxes as one process reaches them. */
export function openInboxPort({ scheduler, server, process, link }: InboxPortOptions): Inbox {
  const mailboxes = createMailboxes()
  server.join(process, ({ partition, value }) => {
    if (link.mode !== 'up' || !mailboxes.has(partition)) return
    const legMs = process.random.between(0.1, link.legMs) + link.slowMs
    process.after(legMs, 'a message comes', () => mailboxes.deliver(partition, [value]))
  })
  return {
    technology: 'memory',
    prepare: async () => undefined,
    send(messages) {
      const asking = { scheduler, process, link, label: 'send messages', timeoutMs: TIMEOUT_MS }
      return ask<void>(asking, ({ answer, fail }) => {
        if (server.isAway) return fail(new Error('the inbox is away'))
        server.send(messages)
        answer()
      }).catch((cause: unknown) => {
        throw sendUnknown('memory', cause)
      })
    },
    receive: (partition, options) => mailboxes.open(partition, options),
    close: async () => mailboxes.close(),
  }
}
