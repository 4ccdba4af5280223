import { describeEventLog } from '../event-log.contract.ts'
import { createMemoryStore, openMemoryLog } from './event-log.ts'

describeEventLog('memory', async () => {
  const store = createMemoryStore()
  return () => openMemoryLog(store)
})
