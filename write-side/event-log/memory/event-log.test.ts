import { describeEventLog } from '../event-log.contract.ts'
import { describeLostLog } from '../lost-log.contract.ts'
import { createMemoryStore, openMemoryLog } from './event-log.ts'

describeEventLog('memory', async () => {
  const store = createMemoryStore()
  return () => openMemoryLog(store)
})

describeLostLog('memory', async () => {
  const store = createMemoryStore()
  return {
    open: () => openMemoryLog(store),
    lose: async (kept) => {
      store.partitions[0]?.splice(kept)
      store.changes.emit('appended')
    },
  }
})
