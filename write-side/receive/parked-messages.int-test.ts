import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { idOn } from '@micropay/event-log/across.fixture'
import { type EventLog, LogError } from '@micropay/event-log/event-log'
import type { Inbox } from '@micropay/event-log/inbox'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { openPostgresInbox } from '@micropay/event-log/postgres/inbox'
import { openParkingLot } from '@micropay/event-log/postgres/parked'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { ParkedList } from '@micropay/schemas/api/parked'
import { AccountId, OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import type { Message } from '@micropay/schemas/log/message'
import { partitionFor } from '../decide/decide.ts'
import type { CommandRequest } from '../handle/command.ts'
import {
  ledgerId,
  opening,
  paying,
  startOwner,
  stopOwner,
  submitUntilDecided,
  type TestOwner,
} from '../handle/owner.fixture.ts'
import type { SagaPorts } from '../handle/sagas/engine-state.ts'
import { createMessageCodec } from '../handle/sagas/message-codec.ts'
import { buildCommandApp } from './build-app.ts'
import { handleParked } from './parked-messages.ts'

const partitions = 3
const [ada, ben] = [idOn(2, partitions, 'ada'), idOn(1, partitions, 'ben')]
const secret = 'a secret of at least thirty-two characters'
const codec = createMessageCodec(secret, ledgerId)
const silent = createLogger('test', 'silent')
const at = { seq: 900, hash: 'h'.repeat(43) }
const actor = { subject: 'customer:ada', client: 'test' }

let eventLog: EventLog
let sagas: SagaPorts
let canSend = true
const owners: TestOwner[] = []
let app: Http
let other: Http
const logged: Record<string, unknown>[] = []
const heardLog = createLogger('test', 'warn', { write: (line) => void logged.push(JSON.parse(line)) })
const closing: (() => Promise<unknown>)[] = []

before(async () => {
  const { url, close } = await testPostgres()
  const options = { url, clock: systemClock, log: silent }
  const [log, inbox, parking] = [openPostgresLog(options), openPostgresInbox(options), openParkingLot(options)]
  eventLog = log
  await log.prepare(partitions)
  await inbox.prepare(partitions)
  const faulty: Inbox = {
    ...inbox,
    send: (messages) => (canSend ? inbox.send(messages) : Promise.reject(new LogError('log_unavailable', 'no answer'))),
  }
  sagas = { inbox: faulty, parking, codec }
  for (let partition = 0; partition < partitions; partition += 1) {
    owners.push(startOwner(log, { partition, partitions, sagas: { ...sagas, inbox } }))
  }
  const common = { requestHashKey: secret, verifyToken, log: heardLog }
  app = await buildCommandApp({ ...common, owners })
  handleParked(app, { owners, sagas })
  // A worker beside it that serves nothing, and knows who does.
  const address = await app.listen()
  const peers = {
    ...{ clock: systemClock, workerId: 'two', isAlone: () => false, view: () => undefined, lookAgain: () => undefined },
    ...{
      viewChanged: (ms: number) => systemClock.sleep(ms).then(() => undefined),
      ownerOf: () => ({ workerId: 'one', url: address, isOurs: false }),
    },
  }
  other = await buildCommandApp({ ...common, owners: [], peers })
  handleParked(other, { owners: [], sagas })
  closing.push(() => Promise.all(owners.map(stopOwner)))
  closing.push(() => Promise.all([app.close(), other.close()]))
  closing.push(() => Promise.all([log.close(), inbox.close(), parking.close()]))
  closing.push(close)
  for (const [account, limit] of [
    [ada, '100'],
    [ben, '0'],
  ] as const) {
    assert.equal((await submit(opening(account, `open-${account}`, limit))).kind, 'accepted')
  }
})
after(async () => {
  for (const close of closing) await close()
})

test('what nobody of the ledger wrote is shown with its reason, refused again, and dropped for a reason', async () => {
  const forged = createMessageCodec('another secret of thirty-two characters', ledgerId).encode({
    ...{ kind: 'commit', payment: paymentIdAt(2, 900), from: 2, to: 1, at, low: 0, tenant: 'main', actor },
  })
  await sagas.inbox.send([{ partition: 1, value: forged }])
  const parked = await oneParked(1)
  const { id, firstAt, lastAt, ...shown } = parked
  assert.ok(Date.parse(firstAt) > Date.now() - 60_000 && lastAt === firstAt)
  assert.deepEqual(shown, {
    ...{ partition: 1, fromLedger: false, bytes: forged.byteLength, count: 1 },
    ...{ says: { kind: 'commit', payment: paymentIdAt(2, 900), from: 2, to: 1 } },
    reason: 'no worker of this ledger wrote it, or it was changed on its way',
  })
  const mac = Buffer.from(forged).toString().slice(0, 43)
  assert.ok(!(await ask('/v1/parked')).body.includes(mac))

  assert.equal((await post(`${id}/retry`, {}, 'platform:read')).statusCode, 403)
  const retried = await post(`${id}/retry`, {})
  assert.deepEqual([retried.statusCode, retried.json()], [202, { id, partition: 1, refusedAgain: true }])
  assert.equal((await oneParked(1)).id, id)

  assert.equal((await post(`${id}/drop`, {})).json().code, 'invalid_request')
  assert.equal((await post(`${id}/drop`, { reason: 'it is forged' })).statusCode, 200)
  assert.equal((await post(`${id}/drop`, { reason: 'it is forged' })).statusCode, 404)
  assert.equal((await post(`${id}/retry`, {})).statusCode, 404)
  assert.deepEqual(await list(), { items: [], counts: [] })
  const { msg, id: of, why, by } = logged.at(-1) ?? {}
  const who = { subject: 'sre:sam', client: 'test', tenant: 'main' }
  assert.deepEqual({ msg, of, why, by }, { msg: 'a parked message was dropped', of: id, why: 'it is forged', by: who })
})

test('what is not said any more, as its history is gone, is not tried again', async () => {
  const gone: Message = {
    ...{ kind: 'commit', payment: paymentIdAt(2, 900), from: 2, to: 1, at, low: 0, tenant: 'main', actor },
  }
  await sagas.inbox.send([{ partition: 1, value: codec.encode(gone) }])
  const { id, reason, fromLedger } = await oneParked(1)
  assert.deepEqual([fromLedger, reason], [true, `${gone.payment} is to be posted, and was never promised here`])
  const answer = await post(`${id}/retry`, {})
  assert.deepEqual([answer.statusCode, answer.json().code], [409, 'parked_outdated'])
  assert.equal((await oneParked(1)).id, id)
  await owners[2]?.stop()
  assert.equal((await post(`${id}/retry`, {})).json().code, 'not_owner')
  owners[2] = await restarted(2)
  assert.equal((await post(`${id}/drop`, { reason: 'of a history that was given up' })).statusCode, 200)
})

test('a message that a newer release wrote is kept until one that knows it tries it again', async () => {
  const newer = { kind: 'bless', payment: paymentIdAt(2, 900), from: 2, to: 1 } as unknown as Message
  await sagas.parking.park({ partition: 1, value: codec.encode(newer), reason: 'unknown', at: 1 })
  const { id, says } = await oneParked(1)
  assert.equal(says?.kind, 'bless')
  assert.equal((await post(`${id}/retry`, {})).json().code, 'parked_outdated')
  assert.equal(await sagas.parking.drop(id), true)
})

test('what is still said is tried again as often as one likes, and moves the money once', async () => {
  await owners[1]?.stop()
  const heard = settleFor(1)
  const pending = await submit(paying('p1', ada, ben, '60', { wait: { ms: 0 } }))
  assert.equal('answer' in pending && 'status' in pending.answer && pending.answer.status, 'pending')
  const message = { partition: 1, value: await heard, reason: 'it was not understood', at: 5 }
  await sagas.parking.park(message)
  const { id } = await oneParked(1)

  canSend = false
  const away = await post(`${id}/retry`, {})
  assert.deepEqual([away.statusCode, away.json().code], [503, 'inbox_unavailable'])
  canSend = true
  assert.equal((await oneParked(1)).id, id, 'what could not be sent is parked still')
  for (const asked of [app, other, app]) {
    const retried = await post(`${id}/retry`, {}, 'platform:operate', asked)
    assert.deepEqual(retried.json(), { id, partition: 1, refusedAgain: false })
    assert.deepEqual(await list(), { items: [], counts: [] })
    await sagas.parking.park(message)
  }

  owners[1] = await restarted(1)
  const paid = await submit(paying('p1', ada, ben, '60', { wait: { ms: 20_000 } }))
  assert.equal('answer' in paid && 'status' in paid.answer && paid.answer.status, 'posted')
  assert.equal((await post(`${id}/retry`, {})).json().code, 'parked_outdated')
  await sagas.inbox.send([message])
  const balances = () =>
    [2, 1].map((of) => owners[of]?.look('main', AccountId.parse(of === 2 ? ada : ben))?.account?.balanceMinor)
  assert.deepEqual(balances(), [-60n, 60n])
  assert.equal((await post(`${id}/drop`, { reason: 'it was paid' })).statusCode, 200)
})

async function verifyToken(scopes: string | undefined) {
  const who = { subject: OwnerId.parse('sre:sam'), client: 'test', tenant: 'main', expiresAt: 0 }
  return { ...who, scopes: new Set((scopes ?? '').split(' ')) }
}

function ask(url: string) {
  return app.inject({ url, headers: { authorization: 'platform:read' } })
}

function post(path: string, body: object, authorization = 'platform:operate', asked = app) {
  return asked.inject({ method: 'POST', url: `/v1/parked/${path}`, headers: { authorization }, payload: body })
}

async function list(query = ''): Promise<ParkedList> {
  return ParkedList.parse((await ask(`/v1/parked${query}`)).json())
}

/** The one that is parked, once it is. */
async function oneParked(partition: number) {
  for (let turn = 0; turn < 200; turn += 1) {
    const { items, counts } = await list(`?partition=${partition}`)
    if (items[0]) {
      assert.deepEqual(counts, [{ partition, kept: 1, more: 0 }])
      return items[0]
    }
    await systemClock.sleep(50)
  }
  return assert.fail('nothing is parked')
}

function submit(request: CommandRequest) {
  return submitUntilDecided([owners[partitionFor(request.command, partitions)] as TestOwner], request)
}

async function restarted(partition: number): Promise<TestOwner> {
  const { directory } = owners[partition] as TestOwner
  const owner = startOwner(eventLog, { partition, partitions, directory, sagas })
  while (owner.notServingBecause() !== undefined) await systemClock.sleep(20)
  return owner
}

/** The next message that asks a partition to decide. */
async function settleFor(partition: number): Promise<Uint8Array> {
  const ended = new AbortController()
  for await (const batch of sagas.inbox.receive(partition, { signal: ended.signal })) {
    const found = batch.find((bytes) => codec.claimOf(bytes).says?.kind === 'settle')
    if (!found) continue
    ended.abort()
    return found
  }
  return assert.fail('nobody asks')
}
