import { after, before } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { freshName } from '@micropay/runtime/test-database.fixture'
import { describeEventLog } from '../event-log.contract.ts'
import { describeLostLog } from '../lost-log.contract.ts'
import { openEventStoreLog } from './event-log.ts'
import { REAL_SERVER, realServer, TEST_SERVER } from './real-server.fixture.ts'
import { startTestServer, type TestServer } from './server.fixture.ts'

const log = createLogger('test', process.env.LOG_LEVEL ?? 'silent')
let server: TestServer

before(async () => {
  server = await startTestServer()
})
after(() => server.close())

async function fresh() {
  const prefix = freshName('ledger')
  return () => openEventStoreLog({ url: server.url, prefix, clock: systemClock, log })
}
describeEventLog(TEST_SERVER, fresh, 20_000)

/** A real one, where the environment names it. */
const real = realServer()
if (real) {
  describeEventLog(REAL_SERVER, async () => {
    const prefix = freshName('ledger')
    return () => openEventStoreLog({ url: real.url, prefix, clock: systemClock, log })
  })
}

/** A real server takes longer to be restored than an append waits before it reads back. */
describeLostLog(TEST_SERVER, async () => {
  const prefix = freshName('lost')
  return {
    open: () => openEventStoreLog({ url: server.url, prefix, clock: systemClock, log, appendPauseMs: 0 }),
    lose: async (kept) => server.streams.lose(`${prefix}-0`, kept),
  }
})
