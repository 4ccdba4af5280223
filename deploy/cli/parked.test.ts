import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createMemoryStore } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { openMemoryParkingLot } from '@micropay/event-log/memory/parked'
import { buildHttp } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { OwnerId, paymentIdAt } from '@micropay/schemas/identifiers'
import { connectLedger } from '@micropay/sdk/ledger-client'
import { createMessageCodec } from '@micropay/write-side/handle/sagas/message-codec'
import { handleParked as serveParked } from '@micropay/write-side/receive/parked-messages'
import { handleParked, type ParkedRequest } from './parked.ts'

const codec = createMessageCodec('a secret of at least thirty-two characters', 'cli-test')
const stranger = createMessageCodec('another secret of thirty-two characters', 'cli-test')
const twice = '1970-01-01T00:00:02.000Z to 1970-01-01T00:00:03.000Z'
const at = { seq: 4, hash: 'h'.repeat(43) }
const message = {
  kind: 'posted' as const,
  payment: paymentIdAt(2, 7),
  from: 1,
  to: 2,
  at,
  sides: { debited: [], credited: [] },
}

/** The routes of a command worker behind a port of their own, and what the command prints of them. */
async function serving(context: TestContext) {
  const parking = openMemoryParkingLot()
  const sagas = { inbox: openMemoryInbox(createMemoryStore()), parking, codec }
  const verifyToken = async (scope: string | undefined) => ({
    ...{ subject: OwnerId.parse('sre:sam'), client: 'test', tenant: 'main', expiresAt: 0 },
    scopes: new Set((scope ?? '').replace('Bearer ', '').split(' ')),
  })
  const app = await buildHttp({ log: createLogger('test', 'silent'), title: 'test', verifyToken })
  serveParked(app, { owners: [], sagas })
  const url = await app.listen()
  const accessToken = async () => 'platform:read platform:operate'
  const ledger = connectLedger({ url, accessToken, patienceMs: 0 })
  context.after(() => Promise.all([ledger.close(), app.close()]))
  async function run(request: ParkedRequest) {
    const lines: string[] = []
    const isWell = await handleParked(ledger, request, (line) => void lines.push(line))
    return { isWell, lines }
  }
  return { parking, run }
}

test('what is parked is listed with what it says, why, how often it came, and under which id', async (context) => {
  const { parking, run } = await serving(context)
  assert.deepEqual(await run({ what: 'list', partition: undefined }), { isWell: true, lines: ['nothing is parked'] })
  await parking.park({ partition: 2, value: codec.encode(message), reason: 'never begun here', at: 1_000 })
  for (const ms of [2_000, 3_000]) {
    await parking.park({ partition: 1, value: stranger.encode(message), reason: 'forged', at: ms })
  }
  await parking.park({ partition: 1, value: Buffer.from('?'), reason: 'torn', at: 4_000 })
  const { lines } = await run({ what: 'list', partition: undefined })
  assert.deepEqual(
    lines.map((line) => line.replace(/[0-9a-f]{64}/, '<digest>')),
    [
      '3 messages parked',
      '  partition 1: 1 byte that cannot be read; at 1970-01-01T00:00:04.000Z',
      '    torn',
      '    1-<digest>',
      `  partition 1: posted of pay-2-7 from partition 1, as it claims; 2 times, ${twice}`,
      '    forged',
      '    1-<digest>',
      '  partition 2: posted of pay-2-7 from partition 1; at 1970-01-01T00:00:01.000Z',
      '    never begun here',
      '    2-<digest>',
    ],
  )
  assert.deepEqual((await run({ what: 'list', partition: 2 })).lines.slice(0, 1), ['1 message parked'])
})

test('it is tried again and dropped by its id, and what was refused or is not there is said so', async (context) => {
  const { parking, run } = await serving(context)
  await parking.park({ partition: 1, value: stranger.encode(message), reason: 'forged', at: 1 })
  await parking.park({ partition: 1, value: Buffer.from('?'), reason: 'torn', at: 2 })
  const [torn, forged] = (await parking.list()).map(({ id }) => id)
  assert(torn !== undefined && forged !== undefined)
  assert.deepEqual(await run({ what: 'retry', ids: [forged] }), {
    isWell: false,
    lines: [`${forged}: sent again, and refused again: it is parked anew, so drop it`],
  })
  assert.deepEqual(await run({ what: 'drop', ids: [torn], reason: 'torn' }), {
    isWell: true,
    lines: [`${torn}: dropped`],
  })
  const { isWell, lines } = await run({ what: 'drop', ids: [torn, '1-x'], reason: 'torn' })
  assert.equal(isWell, false)
  assert.match(lines.join('\n'), /^1-\w+: 404 not_found: nothing is parked as .*\n1-x: 404 not_found/)
})
