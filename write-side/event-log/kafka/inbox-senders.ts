import { LogError } from '../event-log.ts'
import { type InboxMessage, sendUnknown } from '../inbox.ts'
import { createSender, createWaitingRoom, type Sender } from '../sender.ts'
import type { BrokerAddress } from './broker-socket.ts'

/** Sends each message to the broker that leads its partition, in batches of that broker's own. */
export function createBrokerSenders(sendTo: SendTo): BrokerSenders {
  const senders = new Map<string, Sender>()
  const room = createWaitingRoom('Kafka')
  let isClosed = false

  const senderOf = (broker: BrokerAddress): Sender => {
    const name = `${broker.host}:${broker.port}`
    const sender = senders.get(name) ?? createSender('Kafka', (messages) => sendTo(broker, messages))
    senders.set(name, sender)
    return sender
  }
  return {
    async send(messages, leaderOf) {
      if (isClosed) throw new LogError('log_unavailable', 'the inbox is closed')
      const leave = room.enter(messages)
      try {
        const bySender = new Map<Sender, InboxMessage[]>()
        let failure: unknown
        for (const [partition, some] of Map.groupBy(messages, (message) => message.partition)) {
          try {
            const sender = senderOf(await leaderOf(partition))
            const already = bySender.get(sender)
            if (already) already.push(...some)
            else bySender.set(sender, [...some])
          } catch (cause) {
            failure = cause
          }
        }
        const sent = await Promise.allSettled([...bySender].map(([sender, some]) => sender.send(some)))
        for (const each of sent) if (each.status === 'rejected') failure ??= each.reason
        if (failure !== undefined) throw sendUnknown('Kafka', failure)
      } finally {
        leave()
      }
    },
    close() {
      isClosed = true
      for (const sender of senders.values()) sender.close()
    },
  }
}

export type BrokerSenders = {
  /** Throws LogError as `Inbox.send` does; a partition whose leader is away keeps the others from nothing. */
  send(messages: readonly InboxMessage[], leaderOf: (partition: number) => Promise<BrokerAddress>): Promise<void>
  close(): void
}

/** Throws when it is not known whether the broker took all of them. */
export type SendTo = (broker: BrokerAddress, messages: readonly InboxMessage[]) => Promise<void>
