import { BROKER_STAMPS } from '@micropay/event-log/kafka/broker-stamps'
import { INBOX_SETTINGS } from '@micropay/event-log/kafka/inbox-topic'
import { requiredSettings } from '@micropay/event-log/kafka/topic'
import { logEnvironment } from '@micropay/event-log/open-event-log'
import { LedgerEvent } from '@micropay/schemas/log/event'
import { EVENT_GENERATION, generations, versionIn } from '@micropay/schemas/log/generations'
import { recordTypes } from '@micropay/schemas/log/ledger-record'
import { Message } from '@micropay/schemas/log/message'
import { codes, tableOf } from './markdown.ts'

/** The names that topics have unless they are given others. */
export const topicNames = (() => {
  const ledger = logEnvironment.KAFKA_TOPIC.parse(undefined)
  return { ledger, inbox: `${ledger}.inbox` }
})()

/** As a process creates them, with three copies, of which two are in sync: what production should have. */
export const topicSettings: Readonly<Record<keyof typeof topicNames, Readonly<Record<string, string>>>> = {
  ledger: { ...requiredSettings({ minInSyncReplicas: 2 }), ...BROKER_STAMPS },
  inbox: INBOX_SETTINGS,
}

export const messageKinds = Message.options.map(({ shape }) => shape.kind.value)

export function describeTopics(): string {
  const rows = (['ledger', 'inbox'] as const).map((which) => [
    `\`${topicNames[which]}\``,
    which === 'ledger' ? codes(['KAFKA_TOPIC']) : codes(['KAFKA_INBOX_TOPIC']),
    which === 'ledger' ? codes(Object.values(recordTypes)) : codes(messageKinds),
    codes(Object.entries(topicSettings[which]).map(([name, value]) => `${name}=${value}`)),
  ])
  return tableOf(['topic', 'named by', 'holds', 'settings'], rows)
}

/** What each generation brought, so which events there are and since when; docs/log-protocol.md has their shapes. */
export function describeGenerations(): string {
  return tableOf(
    ['generation', 'events, by version', 'commands', 'reasons to refuse', 'other rules'],
    generations.map(({ events, commands, rejections, rules = [] }, index) => [
      String(index + 1),
      codes(Object.entries(events).map(([type, version]) => `${type} v${version}`)),
      codes(commands),
      codes(rejections),
      codes(rules),
    ]),
  )
}

/** How many there are, and the newest version of each. */
export function countEvents(): string {
  const types = LedgerEvent.options.map(({ shape }) => shape.type.value)
  const written = types.map((type) => `${type} v${versionIn(EVENT_GENERATION, type)}`)
  return `${types.length} types of events, as generation ${EVENT_GENERATION} writes them: ${codes(written)}.`
}
