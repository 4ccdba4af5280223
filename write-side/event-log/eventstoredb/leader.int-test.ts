import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { freshName } from '@micropay/runtime/test-database.fixture'
import { LogError } from '../event-log.ts'
import { handle, numbered, plain } from '../fresh-log.fixture.ts'
import { message, prepared as preparedInbox, read, textsOf } from '../inbox.contract.ts'
import { appendTo, readRecords } from '../log-reading.fixture.ts'
import { openEventStoreLog } from './event-log.ts'
import { openEventStoreInbox } from './inbox.ts'
import { startTestServer, type TestServer } from './server.fixture.ts'

const log = createLogger('test', process.env.LOG_LEVEL ?? 'silent')

describe('behind the address of one node of a cluster', { timeout: 60_000 }, () => {
  test('that follows, the log is that of the leader which it names', async (context) => {
    await using cluster = await startCluster()
    const [node, leader] = cluster.nodes
    node.follow(at(leader))
    const ledger = openLog(context, node)
    await ledger.prepare(2)
    assert.equal(await appendTo(ledger, 1, numbered('a', 3)), 0n)
    assert.equal(await ledger.end(1), 3n)
    assert.deepEqual((await readRecords(ledger, 1, 0n, 3)).map(plain), numbered('a', 3).map(plain))
    assert.deepEqual(node.calls, { appends: 0, reads: 0, batchAppends: 0, followers: 0 })
  })

  test('that follows, a message for an inbox goes to the leader', async (context) => {
    await using cluster = await startCluster()
    const [node, leader] = cluster.nodes
    node.follow(at(leader))
    const inbox = await preparedInbox(
      context,
      () => openEventStoreInbox({ url: node.url, prefix: freshName('inbox'), clock: systemClock, log }),
      1,
    )
    await inbox.send([message(0, 'one')])
    assert.deepEqual(textsOf(await read(context, inbox, 0).take(1)), ['one'])
    assert.equal(node.calls.appends, 0)
  })

  test('an append to a node that leads no more is sent on, and known', async (context) => {
    await using cluster = await startCluster()
    const [node, other] = cluster.nodes
    const ledger = openLog(context, node)
    await ledger.prepare(1)
    const appender = await ledger.openAppender(0)
    assert.equal((await appender.append(numbered('a', 1))).offset, 0n)
    node.follow(at(other))
    assert.equal((await appender.append(numbered('b', 1))).offset, 1n)
    other.follow(at(node))
    node.follow(undefined)
    assert.equal((await appender.append(numbered('c', 1))).offset, 2n)
    assert.equal((await readRecords(ledger, 0, 0n, 3)).length, 3)
  })

  test('while none leads, it is out of reach after a while, and says who was named last', async (context) => {
    await using cluster = await startCluster()
    const [node, other] = cluster.nodes
    node.follow(at(other))
    other.follow(at(node))
    await assert.rejects(openLog(context, node).prepare(1), isOutOfReach(/no node leads.*127\.0\.0\.1:[0-9]+ does/))
    node.follow(undefined)
    await openLog(context, node).prepare(1)
  })

  test('a leader that is out of reach from here is named, and what to do', async (context) => {
    await using cluster = await startCluster()
    const [node, gone] = cluster.nodes
    node.follow(at(gone))
    await gone.close()
    const text = new RegExp(`127\\.0\\.0\\.1:${gone.port} leads, which is out of reach from here.*name all nodes`)
    const ledger = openLog(context, node)
    await assert.rejects(ledger.prepare(1), isOutOfReach(text))
    node.follow(undefined)
    await ledger.prepare(1)
  })
})

/** Two nodes that have the same streams. */
async function startCluster() {
  const node = await startTestServer()
  const other = await startTestServer({ streams: node.streams })
  return {
    nodes: [node, other] as const,
    async [Symbol.asyncDispose]() {
      await Promise.all([node.close(), other.close()])
    },
  }
}

function at({ port }: TestServer) {
  return { address: '127.0.0.1', port }
}

function openLog(context: TestContext, { url }: TestServer) {
  return handle(context, () => openEventStoreLog({ url, prefix: freshName('leader'), clock: systemClock, log }))
}

function isOutOfReach(text: RegExp) {
  return (error: unknown) => error instanceof LogError && error.code === 'log_unavailable' && text.test(error.message)
}
