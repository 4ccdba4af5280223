import { paymentIdAt } from '@micropay/schemas/identifiers'
import type { Message } from '@micropay/schemas/log/message'
import { createMessageCodec } from '@micropay/write-side/handle/sagas/message-codec'
import { ledgerId } from '../owner-host.ts'
import type { Random } from '../random.ts'
import { idOn, knownAccounts } from './accounts.ts'
import { PARTITIONS } from './partitions.ts'
import type { World } from './world.ts'

/** What all workers of the ledger share. */
export const SECRET = 'a secret of at least thirty-two characters'
const ours = createMessageCodec(SECRET, ledgerId)
const forger = createMessageCodec('a secret that no worker of this ledger has', ledgerId)
const neighbour = createMessageCodec(SECRET, 'another')

/**
 * Somebody who has no key of this ledger's workers says something to one of its partitions; now and then it is nothing
 * at all, of another ledger, or of a kind that none of them knows yet.
 */
export function forge(world: World): void {
  const { inbox, random } = world
  const message = messageOf(random, world)
  const strange = [
    () => Buffer.from(random.id()),
    () => neighbour.encode(message),
    () => ours.encode({ ...message, kind: 'greeting' } as unknown as Message),
  ]
  const value = random.chance(0.1) ? random.pick(strange)() : forger.encode(message)
  inbox.forge({ partition: message.to, value })
}

function messageOf(random: Random, { oracle, knowledge }: World): Message {
  const to = random.below(PARTITIONS)
  const from = (to + 1 + random.below(PARTITIONS - 1)) % PARTITIONS
  const kind = random.pick(['prepare', 'settle', 'commit', 'cancel', 'prepared', 'posted', 'refused'] as const)
  const isRequest = ['prepare', 'settle', 'commit', 'cancel'].includes(kind)
  const coordinator = isRequest ? from : to
  const open = knowledge.pending().filter((id) => id.startsWith(`pay-${coordinator}-`))
  const { seq, hash } = oracle.fold(from)
  const other = paymentIdAt(coordinator, seq + random.below(4))
  const payment = open.length > 0 && random.chance(0.7) ? random.pick(open) : other
  const head = { payment, from, to, at: { seq: Math.max(1, seq), hash } }
  if (kind === 'refused') return { kind, ...head, rejection: { code: 'account_closed', detail: 'so they say' } }
  if (kind === 'prepared' || kind === 'posted') return { kind, ...head, sides: { debited: [], credited: [] } }
  const { client, subject } = { client: 'simulated', subject: 'operator:olga' }
  const request = { ...head, low: random.pick([0, seq]), tenant: 'main', actor: { client, subject } }
  if (kind === 'commit' || kind === 'cancel') return { kind, ...request }
  const account = random.pick(knownAccounts.filter(({ partition }) => partition === to))?.id ?? idOn(to, 'bank')
  const leg = { account, amount: '77', currency: 'EUR', leg: 0 }
  return { kind, ...request, legs: [leg], mayBook: true, effectiveAt: '2026-03-01T09:00:00.000Z' }
}
