import { LogError } from '../event-log.ts'
import type { Inbox, InboxMessage } from '../inbox.ts'
import { createMailboxes, deliverNear } from '../mailboxes.ts'
import { createMemoryStore, type MemoryStore, prepareMemoryStore } from './event-log.ts'

/**
 * The inboxes beside an event log in this process, for tests: a message reaches, at once, everybody who reads then,
 * with whatever handle on the same store, and is kept for nobody else.
 */
export function openMemoryInbox(store: MemoryStore = createMemoryStore()): Inbox {
  const mailboxes = createMailboxes()
  const deliver = ({ partition, value }: InboxMessage) => mailboxes.deliver(partition, [value])
  store.changes.on('sent', deliver)
  let isClosed = false
  return {
    technology: 'memory',
    prepare: async (partitions) => prepareMemoryStore(store, partitions),
    send: async (messages) => {
      if (isClosed) throw new LogError('log_unavailable', 'the inbox is closed')
      for (const { partition, value } of deliverNear(mailboxes, messages)) {
        store.changes.emit('sent', { partition, value: Uint8Array.from(value) })
      }
    },
    receive: (partition, options) => mailboxes.open(partition, options),
    close: async () => {
      isClosed = true
      store.changes.off('sent', deliver)
      mailboxes.close()
    },
  }
}
