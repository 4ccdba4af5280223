import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import type { EventLog } from '@micropay/event-log/event-log'
import type { Inbox } from '@micropay/event-log/inbox'
import { foldToEnd } from '@micropay/event-log/log-reading.fixture'
import { openMemoryParkingLot } from '@micropay/event-log/memory/parked'
import { systemClock } from '@micropay/runtime/clock'
import type { AccountId } from '@micropay/schemas/identifiers'
import { partitionOf } from '@micropay/schemas/placement'
import { partitionFor } from '../../decide/decide.ts'
import type { CommandRequest, CommandResult } from '../command.ts'
import {
  ledgerId,
  opening,
  paying,
  requestFor,
  startOwner,
  stopOwner,
  submitUntilDecided,
  type TestOwner,
} from '../owner.fixture.ts'
import { summary } from '../partition-owner.contract.ts'
import { submitKnowing } from '../submit-knowing.ts'
import { createMessageCodec } from './message-codec.ts'

/** A fresh log of so many partitions, and its inboxes; each call opens one more handle on both. */
export type FreshLedger = (partitions: number) => Promise<() => { readonly log: EventLog; readonly inbox: Inbox }>

const partitions = 4
// What holds for all is decided on partition 0: ada lives elsewhere.
const [ada, ben, cid] = [idOn(3, partitions, 'ada'), idOn(1, partitions, 'ben'), idOn(2, partitions, 'cid')]
const movers = ['PaymentPosted', 'LegsPosted', 'LegsWrittenOff']
const waiting = { wait: { ms: 5_000 } }

/** What payments across partitions promise on any log and inbox. */
export function describeSagas(name: string, fresh: FreshLedger): void {
  describe(`payments across partitions on ${name}`, () => {
    test('a payment between partitions is answered as one inside, and seen on both', async () => {
      const ledger = await startLedger(fresh)
      await ledger.open()
      const paid = await ledger.submit(paying('p1', ada, ben, '60', waiting))
      assert.deepEqual(
        [paid.kind, 'answer' in paid && 'status' in paid.answer && paid.answer.status],
        ['accepted', 'posted'],
      )
      assert.equal(('seenAt' in paid ? (paid.seenAt ?? []) : []).length, 2)
      assert.deepEqual(await ledger.balances(), { [ada]: '40', [ben]: '60', [cid]: '0' })
      const again = await ledger.submit(paying('p1', ada, ben, '60', waiting))
      assert.deepEqual(again, { ...paid, replayed: true })
      await ledger.stop()
    })

    test('one over three partitions happens whole or not at all, and says why not', async () => {
      const ledger = await startLedger(fresh)
      await ledger.open()
      const legs = (a: string, b: string, c: string) => ({
        legs: [
          { account: ada, amount: a, currency: 'EUR' },
          { account: ben, amount: b, currency: 'EUR' },
          { account: cid, amount: c, currency: 'EUR' },
        ],
      })
      const pay = (key: string, data: object) =>
        ledger.submit(requestFor({ type: 'MakePayment', data } as CommandRequest['command'], key, waiting))
      assert.match(summary(await pay('p1', legs('-50', '20', '30'))), /^accepted/)
      assert.match(summary(await pay('p2', legs('-50', '-21', '71'))), /^rejected [0-9]+ insufficient_funds$/)
      await ledger.quiet()
      assert.deepEqual(await ledger.balances(), { [ada]: '50', [ben]: '20', [cid]: '30' })
      await ledger.stop()
    })

    test('a payment between partitions is given back, by whoever was paid too, and never twice', async () => {
      const ledger = await startLedger(fresh)
      await ledger.open()
      const paid = await ledger.submit(paying('p1', ada, ben, '60', waiting))
      assert(paid.kind === 'accepted' && 'paymentId' in paid.answer && paid.answer.paymentId)
      const { paymentId } = paid.answer
      const refund = (key: string, more: Partial<CommandRequest> = {}) => {
        const data = { paymentId, reason: 'it came back' }
        return ledger.submit(requestFor({ type: 'RefundPayment', data }, key, { ...waiting, ...more }))
      }
      const as = (subject: string) => ({ mayBook: false, actor: { subject, client: 'test' } })
      const strange = as('customer:eve')
      assert.match(summary(await refund('r0', strange)), /^rejected [0-9]+ payment_not_found$/)
      // Nor does a stranger hear what is on it before that is known, or keep others from giving it back.
      assert.match(summary(await refund('', { ...strange, dryRun: true })), /^rejected .*payment_not_found$/)
      assert.match(summary(await refund('r00', { ...strange, wait: { ms: 0 } })), /^rejected [0-9]+ payment_not_found$/)
      assert.equal(await ledger.begun(), 1, 'the payment alone')
      assert.match(summary(await refund('r1', as('customer:ada'))), /^accepted/)
      assert.match(summary(await refund('r2')), /^rejected [0-9]+ refund_exceeds_payment$/)
      await ledger.quiet()
      assert.deepEqual(await ledger.balances(), { [ada]: '100', [ben]: '0', [cid]: '0' })
      await ledger.stop()
    })
  })
  describe(`what goes on between partitions on ${name}`, () => {
    describeGoingOn(fresh)
    describeOwnersThatChange(fresh)
  })
}

function describeGoingOn(fresh: FreshLedger): void {
  test('what is decided for the whole ledger holds on all partitions', async () => {
    const ledger = await startLedger(fresh)
    await ledger.open()
    const policy = { command: 'MakePayment' as const, people: 2, above: { amount: '50', currency: 'EUR' as const } }
    const set = requestFor({ type: 'SetPolicy', data: policy } as CommandRequest['command'], 'policy')
    assert.match(summary(await ledger.submit(set)), /^accepted/)
    const isProposed = async (key: string) => {
      const told = await ledger.submit(paying(key, ada, ben, '51', { ...waiting, dryRun: true }))
      return told.kind === 'accepted' && 'proposalId' in told.answer
    }
    for (let turn = 0; turn < 100 && !(await isProposed('dry')); turn += 1) await systemClock.sleep(50)
    assert.equal(await isProposed('dry'), true)
    await ledger.stop()
  })

  test('many at once between all partitions leave every account where it belongs', async () => {
    const ledger = await startLedger(fresh)
    await ledger.open('1000')
    const names = [ada, ben, cid]
    const all = Array.from({ length: 120 }, (_, index) => {
      const [from, to] = [names[index % 3] ?? '', names[(index + 1 + (index % 2)) % 3] ?? '']
      return ledger.submit(paying(`m${index}`, from, to, '7', { wait: { ms: 20_000 } }))
    })
    const told = await Promise.all(all)
    assert.deepEqual(
      told.filter(({ kind }) => kind === 'refused'),
      [],
    )
    await ledger.quiet()
    const balances = await ledger.balances()
    assert.equal(
      Object.values(balances).reduce((sum, each) => sum + Number(each), 0),
      100,
    )
    await ledger.stop()
  })
}

function describeOwnersThatChange(fresh: FreshLedger): void {
  test('what is under way goes on under the next owner, wherever the one before has ended', async () => {
    const ledger = await startLedger(fresh)
    await ledger.open()
    await stopOwner(ledger.ownerOf(ben))
    const pending = await ledger.submit(paying('p1', ada, ben, '60', { wait: { ms: 0 } }))
    assert.equal('answer' in pending && 'status' in pending.answer && pending.answer.status, 'pending')
    await ledger.restart(ada)
    await ledger.restart(ben)
    const paid = await ledger.submit(paying('p1', ada, ben, '60', { wait: { ms: 20_000 } }))
    assert.match(summary(paid), /^accepted/)
    assert.equal('answer' in paid && 'status' in paid.answer && paid.answer.status, 'posted')
    assert.deepEqual(await ledger.balances(), { [ada]: '40', [ben]: '60', [cid]: '0' })
    await ledger.stop()
  })

  test('who waits for what is under way is told so once the owner ends, and keeps nobody from ending', async () => {
    const ledger = await startLedger(fresh)
    await ledger.open()
    await stopOwner(ledger.ownerOf(ben))
    const startedMs = systemClock.monotonicMs()
    const told = ledger.submit(paying('p1', ada, ben, '60', { wait: { ms: 60_000, toTheEnd: true } }))
    while (ledger.ownerOf(ada).status().sagas.open === 0) await systemClock.sleep(10)
    await ledger.restart(ada)
    const pending = await told
    assert.equal('answer' in pending && 'status' in pending.answer && pending.answer.status, 'pending')
    assert.ok(systemClock.monotonicMs() - startedMs < 50_000)
    await ledger.stop()
  })

  test('who was deposed and still listens keeps nothing from the owner in another process', async () => {
    const ledger = await startLedger(fresh)
    await ledger.open()
    await ledger.moveElsewhere(ben, ada)
    const paid = await ledger.submit(paying('p1', ada, ben, '60', { wait: { ms: 20_000 } }))
    assert.equal('answer' in paid && 'status' in paid.answer && paid.answer.status, 'posted')
    await ledger.quiet()
    assert.deepEqual(await ledger.balances(), { [ada]: '40', [ben]: '60', [cid]: '0' })
    await ledger.stop()
  })
}

/** A ledger whose partitions each have an owner. */
export async function startLedger(fresh: FreshLedger) {
  const open = await fresh(partitions)
  const { log, inbox } = open()
  const parking = openMemoryParkingLot()
  const sagas = { inbox, parking, codec: createMessageCodec('a secret of at least thirty-two characters', ledgerId) }
  const others: ReturnType<typeof open>[] = []
  const start = (partition: number, directory?: string, given = { log, inbox }): TestOwner => {
    const ports = { ...sagas, inbox: given.inbox }
    return startOwner(given.log, {
      partition,
      partitions,
      sagas: ports,
      ...(directory === undefined ? {} : { directory }),
    })
  }
  const owners = Array.from({ length: partitions }, (_, partition) => start(partition))
  const ownerOf = (account: string) => owners[partitionOf(account, partitions)] as TestOwner
  const look = async (tenant: string, accountId: AccountId) => ownerOf(accountId).look(tenant, accountId)
  const submit = (request: CommandRequest): Promise<CommandResult> => {
    const owner = owners[partitionFor(request.command, partitions)] as TestOwner
    const knowing = (each: CommandRequest) =>
      submitKnowing(owner, partitions, each, (accountId) => look(each.tenant, accountId))
    return submitUntilDecided([{ submit: knowing }], request)
  }
  return {
    log,
    submit,
    ownerOf,
    balances: () => balancesIn(log),
    begun: () => begunIn(log),
    /** Opens the accounts, and brings so much to ada. */
    async open(limit = '0') {
      const bank = idOn(3, partitions, 'bank')
      const open = (account: string, most: string) => submit(opening(account, `open-${account}`, most))
      for (const account of [ada, ben, cid]) await open(account, limit)
      await open(bank, '100000')
      await submit(paying('first', bank, ada, '100'))
    },
    async restart(account: string) {
      const partition = partitionOf(account, partitions)
      const before = owners[partition] as TestOwner
      await before.stop()
      owners[partition] = start(partition, before.directory)
    },
    /** Its partition is served in another process; both listen for what the other one serves. */
    async moveElsewhere(account: string, whoPays: string) {
      const other = open()
      others.push(other)
      const partition = partitionOf(account, partitions)
      await stopOwner(owners[partition] as TestOwner)
      const listen = async ({ inbox: each }: { inbox: Inbox }, to: number) => {
        for await (const _ of each.receive(to, { signal: new AbortController().signal }));
      }
      void listen({ inbox }, partition)
      void listen(other, partitionOf(whoPays, partitions))
      owners[partition] = start(partition, undefined, other)
    },
    quiet: () => untilQuiet(owners),
    async stop() {
      await Promise.all(owners.map(stopOwner))
      assert.deepEqual(await parking.counts(), [])
      await Promise.all([...others, { log, inbox }].flatMap((each) => [each.log.close(), each.inbox.close()]))
    },
  }
}

/** Waits until nothing is under way. */
async function untilQuiet(owners: readonly TestOwner[]): Promise<void> {
  for (let turn = 0; turn < 200 && owners.some((owner) => owner.status().sagas.open > 0); turn += 1) {
    await systemClock.sleep(50)
  }
  assert.deepEqual(
    owners.map((owner) => owner.status().sagas.open),
    [0, 0, 0, 0],
  )
}

async function commitsIn(log: EventLog) {
  const read = await Promise.all(Array.from({ length: partitions }, (_, partition) => foldToEnd(log, partition)))
  return read.map(({ folded }) => folded.flatMap((each) => (each.kind === 'counted' ? [each.commit] : [])))
}

/** How many payments across partitions were begun. */
async function begunIn(log: EventLog): Promise<number> {
  const commits = (await commitsIn(log)).flat()
  return commits.filter(({ events }) => events.some(({ type }) => type === 'PaymentInitiated')).length
}

/** What the log leads to: each partition sums to zero, and nothing stands between them. */
async function balancesIn(log: EventLog): Promise<Record<string, string>> {
  const sums: Record<string, bigint> = { [ada]: 0n, [ben]: 0n, [cid]: 0n }
  let transit = 0n
  for (const [partition, commits] of (await commitsIn(log)).entries()) {
    let own = 0n
    for (const event of commits.flatMap(({ events }) => events)) {
      if (!('legs' in event.data) || !movers.some((type) => type === event.type)) continue
      for (const { account, amount } of event.data.legs) {
        own += BigInt(amount)
        if (account.startsWith('transit/')) transit += BigInt(amount)
        else if (account in sums) sums[account] = (sums[account] ?? 0n) + BigInt(amount)
      }
    }
    assert.equal(own, 0n, `partition ${partition} sums to zero`)
  }
  assert.equal(transit, 0n)
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum.toString()]))
}
