import { partitionOf } from '@micropay/schemas/placement'
import { suspenseId } from '@micropay/schemas/suspense'
import { isTransitId, transitId } from '@micropay/schemas/transit'
import type { NewRecord } from './event-log.ts'
import { createLedger, type Ledger } from './ledger.fixture.ts'

/** An id, of that name, that lives on a partition of so many. */
export function idOn(partition: number, partitions: number, name: string): string {
  for (let tag = 0; ; tag += 1) {
    const id = `{${tag}}${name}`
    if (partitionOf(id, partitions) === partition) return id
  }
}

export type AcrossLegs = readonly (readonly [account: string, amount: number])[]

/**
 * The records of all partitions of a ledger, for tests: payments across them take one step at a time, in the order in
 * which the test says so. What the partitions would have told each other is not written.
 */
export function createPartitions(partitions: number) {
  const ledgers = Array.from({ length: partitions }, (_, partition) => createLedger(partition, partitions))
  const records = ledgers.map((ledger): NewRecord[] => [ledger.genesis(), ledger.claim()])
  const homeOf = (account: string) => partitionOf(account, partitions)
  const ledgerOf = (partition: number) => ledgers[partition] as Ledger
  const write = (partition: number, record: NewRecord) => void records[partition]?.push(record)
  return {
    records,
    ledgerOf,
    write,
    homeOf,
    open: (account: string, more: Parameters<Ledger['open']>[1] = { overdraftLimit: 'unlimited' }) =>
      write(homeOf(account), ledgerOf(homeOf(account)).open(account, more)),
    /** Begins one on the partition of its first leg, or takes it that this has lost that it began, at `lostAt`. */
    begin: (legs: AcrossLegs, given: Begun = {}) => beginPayment(legs, given, { homeOf, ledgerOf, write }),
    /** A partition says that what another one has lost is gone, or was answered of its own loss. */
    say: (partition: number, event: 'HistoryAccepted' | 'HistoryAnswered', about: number) => {
      const data = event === 'HistoryAnswered' ? { partition: about } : { partition: about, lost: [], open: [] }
      write(partition, ledgerOf(partition).step([{ type: event, version: 1, data }], []))
    },
  }
}

type Partitions = {
  homeOf(account: string): number
  ledgerOf(partition: number): Ledger
  write(partition: number, record: NewRecord): void
}

function beginPayment(asked: AcrossLegs, given: Begun, { homeOf, ledgerOf, write }: Partitions) {
  const { actor = 'customer:ada', effectiveAt = '2026-03-01T09:00:00.000Z', reverses, lostAt } = given
  const at = homeOf(asked[0]?.[0] ?? '')
  const paymentId = `pay-${at}-${lostAt ?? ledgerOf(at).position().seq + 1}`
  const participants = [...new Set(asked.map(([account]) => homeOf(account)))].filter((each) => each !== at).sort()
  const pair = asked.length === 2 ? { pair: 1 } : {}
  const legs = asked.map(([account, amount]) => ({ account, amount: `${amount}`, currency: 'EUR', ...pair }))
  const legsOn = (partition: number) => legs.filter(({ account }) => homeOf(account) === partition)
  const event = (type: string, data: object, version = 1) => ({ type, version, data: { paymentId, ...data } })
  const onBoth = { effectiveAt, sides: { debited: ['customer'], credited: ['customer'] } }
  const prepared = (partition: number) => event('LegsPrepared', { legs: legsOn(partition), ...onBoth })
  const released = (partition: number) => event('LegsReleased', { legs: legsOn(partition) })
  /** What the legs of a partition come to stands on the transit account for another one. */
  const passed = (partition: number, other: number, sign: bigint) => {
    const minor = legsOn(partition).reduce((sum, { amount }) => sum + BigInt(amount) * sign, 0n)
    return minor === 0n ? [] : [{ account: transitId(other, 'EUR'), amount: `${minor}`, currency: 'EUR' }]
  }
  const postedLegs = (partition: number) => {
    const between =
      partition === at ? participants.flatMap((each) => passed(each, each, 1n)) : passed(partition, at, -1n)
    return [...legsOn(partition), ...between]
  }
  const posted = (partition: number, promised: boolean) =>
    event('LegsPosted', { legs: postedLegs(partition), promised, ...onBoth })
  const step = (partition: number, ...events: ReturnType<typeof event>[]) =>
    write(partition, ledgerOf(partition).step(events, [], { actor }))
  const apart = { actor: undefined, effectiveAt: undefined, reverses: undefined, lostAt: undefined }
  const texts = Object.entries({ ...given, ...apart })
  const told = Object.fromEntries(texts.filter(([, text]) => text !== undefined))
  const whole = { legs, participants, effectiveAt }
  const begun = event('PaymentInitiated', {
    ...{ ...whole, subject: actor, mayBook: true, deadline },
    ...(Object.keys(told).length === 0 ? {} : { personal: { form: 'plain', data: told } }),
    ...(reverses ? { reverses } : {}),
  })
  const type = reverses ? 'RefundPayment' : 'MakePayment'
  if (lostAt === undefined) write(at, ledgerOf(at).decide(type, [begun, prepared(at)], { actor }))
  return {
    ...{ paymentId, at, participants },
    prepare: (partition: number) => step(partition, prepared(partition)),
    post: (partition: number, promised = true) => step(partition, posted(partition, promised)),
    release: (partition: number) => step(partition, released(partition)),
    refuse: (partition: number) => step(partition, event('LegsRefused', { rejection: refused })),
    complete: (ended = false) => step(at, event('PaymentCompleted', { kind: 'payment', ended }), posted(at, true)),
    fail: (rejection: object = refused, ended = false) =>
      step(at, event('PaymentFailed', { rejection, ended }), released(at)),
    end: () => step(at, event('PaymentEnded', { paymentIds: [paymentId] })),
    ...mendedSteps({ at, begun: whole, onBoth, event, step, legsOn, passed, postedLegs }),
  }
}

type Leg = { readonly account: string; readonly amount: string; readonly currency: string }
type Written = {
  readonly at: number
  readonly begun: {
    readonly legs: readonly Leg[]
    readonly participants: readonly number[]
    readonly effectiveAt: string
  }
  readonly onBoth: object
  event(type: string, data: object, version?: number): { type: string; version: number; data: { paymentId: string } }
  step(partition: number, ...events: { type: string; version: number; data: { paymentId: string } }[]): void
  legsOn(partition: number): readonly Leg[]
  passed(partition: number, other: number, sign: bigint): readonly Leg[]
  postedLegs(partition: number): readonly Leg[]
}

/** What is said of it once a partition has lost history. */
function mendedSteps({ at, begun, onBoth, event, step, legsOn, passed, postedLegs }: Written) {
  return {
    /** It had come about before, in what its coordinator has lost. */
    learn: () =>
      step(
        at,
        event('PaymentCompleted', { kind: 'payment', ended: false, learned: true }, 2),
        event('LegsPosted', { legs: postedLegs(at), promised: true, ...onBoth }),
      ),
    /** It was over, and these have lost what they did. */
    reopen: (asks: readonly number[], outcome: 'completed' | 'failed' = 'completed') =>
      step(at, event('PaymentReopened', { ...begun, mayBook: true, deadline, outcome, asks })),
    force: (partition: number, inSuspense = false) => {
      const own = postedLegs(partition).map((leg) =>
        inSuspense && !isTransitId(leg.account) ? suspended(partition, leg) : leg,
      )
      step(partition, event('LegsPosted', { legs: own, promised: false, forced: true, ...onBoth }, 2))
    },
    releaseLost: (partition: number) => {
      step(partition, event('LegsReleased', { legs: legsOn(partition), code: 'history_lost' }, 2))
    },
    writeOff: (partition: number) => {
      const between = passed(partition, at, 1n)
      const left = between.map((leg) => ({ ...suspended(partition, leg), amount: `${-BigInt(leg.amount)}` }))
      step(partition, event('LegsWrittenOff', { legs: [...between, ...left], effectiveAt: begun.effectiveAt }))
    },
    recall: (partition: number) => {
      step(partition, event('LegsRecalled', { state: 'posted', at: { seq: 1, hash: 'h'.repeat(43) } }))
    },
  }
}

function suspended(partition: number, leg: { readonly amount: string; readonly currency: string }) {
  return { ...leg, account: suspenseId(partition, leg.currency) }
}

export type AcrossPayment = ReturnType<typeof beginPayment>

type Begun = {
  readonly actor?: string
  readonly reference?: string
  readonly description?: string
  readonly metadata?: Record<string, string>
  readonly effectiveAt?: string
  readonly reverses?: { readonly paymentId: string; readonly whole: boolean }
  readonly lostAt?: number
}

const deadline = '2026-03-01T09:01:00.000Z'
const refused = { code: 'account_closed', detail: 'the account is closed' }
