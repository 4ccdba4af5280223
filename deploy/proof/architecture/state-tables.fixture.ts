import { openPartitionTables } from '@micropay/write-side/state/partition-tables'
import type { KeyKinds, Table } from '@micropay/write-side/state/tables'
import { tableOf } from './markdown.ts'

/** What each table of a partition's state in LMDB holds. */
const meanings: Readonly<Record<string, string>> = {
  accounts: 'each account: type, currency, owner, status, limit, balance, what is held and what is due',
  'account-ids': 'the ids that some tenant has: one name space for all, until each has its own',
  statements: "at which commit an account's bank statement of that id was imported",
  'statement-contents': 'the same by what makes a statement the one that it is',
  'statement-parts': 'what came of statements that do not fit into one record',
  'bank-accounts': 'of which account the latest statement of an account at a bank was imported',
  'imported-statements': 'each statement that was imported, by that commit',
  'standing-statements': 'how many statements of an account stand',
  payees: 'what each person has saved',
  'payee-checks': 'how often each person has asked for a name on a day',
  zones: 'the zone in whose days a tenant closes periods',
  'closed-periods': 'the periods of a tenant that are closed',
  'value-steps': "how far a tenant's payments reach into the past",
  closings: 'closings that are under way on several partitions',
  policies: 'of each tenant the rule for each command that has one',
  'given-back': 'what refunds of a payment have moved so far',
  proposals: 'commands that were asked for and want a second person',
  sagas: 'payments across partitions that this one coordinates',
  'open-sagas': 'those that are open with each other partition',
  'open-of-payers': 'how many of these are of one payer',
  steps: 'what this partition did of payments that others coordinate',
  'step-chunks': 'which stretches of a coordinator have such steps',
  'chunk-steps': 'and which payments these are',
  lows: 'of each coordinator: no payment of it below that is open here',
  transits: 'what stands on the accounts of what is under way',
  histories: 'what each partition has lost, by partition, and what this one has accepted of it',
  'own-history': 'what this partition has lost, and who has yet to say what they know of it',
  'written-off': 'payments of others that are gone there and were written off here',
  'ledger-facts': 'facts of the whole ledger, on the partition that decides them',
  'fact-order': 'their order',
  'facts-known': 'elsewhere: the last one that was taken over',
  'saga-keys': 'keys of commands whose answer is not final yet',
  'key-entries': 'what each idempotency key led to, by the commit that decided it',
  'key-index': 'the same by 128 bits of the hash of the key',
  'fold-marks': 'the fold behind every so many commits: where the log is read to find one of them',
  meta: 'how far the log was folded, and the digest over all that is stored',
}

/** All tables of the state of one partition, and what their keys are. */
export function describeStateTables(): string {
  const opened: [string, keyof KeyKinds][] = []
  const nothing: Table<never> = {
    get: () => undefined,
    put: () => undefined,
    remove: () => undefined,
    clear: () => undefined,
    entries: () => [],
  }
  openPartitionTables({
    open(name, keys) {
      opened.push([name, keys])
      return nothing
    },
    transaction: async (work) => work(),
    close: async () => undefined,
  })
  return tableOf(
    ['table', 'key', 'holds'],
    opened.map(([name, keys]) => [`\`${name}\``, keys, meaningOf(name)]),
  )
}

function meaningOf(name: string): string {
  const meaning = meanings[name]
  if (meaning === undefined) throw new RangeError(`the state table ${name} has no words yet: add them to meanings`)
  return meaning
}
