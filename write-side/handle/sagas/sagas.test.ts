import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { describeSagas } from './sagas.contract.ts'

describeSagas('memory', async (partitions) => {
  const store = createMemoryStore()
  await openMemoryLog(store).prepare(partitions)
  return () => ({ log: openMemoryLog(store), inbox: openMemoryInbox(store) })
})
