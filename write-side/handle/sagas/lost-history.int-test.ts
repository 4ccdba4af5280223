import { after } from 'node:test'
import { openPostgresLog } from '@micropay/event-log/postgres/event-log'
import { openPostgresInbox } from '@micropay/event-log/postgres/inbox'
import { testPostgres } from '@micropay/local/stores/test-services'
import { systemClock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { describeLostHistory } from './lost-history.contract.ts'

const log = createLogger('test', 'silent')
const closing: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closing) await close()
})

describeLostHistory('PostgreSQL', async (partitions) => {
  const { url, close } = await testPostgres()
  closing.push(close)
  const options = { url, clock: systemClock, log }
  const [first, inbox] = [openPostgresLog(options), openPostgresInbox(options)]
  await first.prepare(partitions)
  await inbox.prepare(partitions)
  await Promise.all([first.close(), inbox.close()])
  return () => ({ log: openPostgresLog(options), inbox: openPostgresInbox(options) })
})
