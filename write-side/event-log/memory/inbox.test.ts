import { describeInbox } from '../inbox.contract.ts'
import { createMemoryStore } from './event-log.ts'
import { openMemoryInbox } from './inbox.ts'

describeInbox('memory', async () => {
  const store = createMemoryStore()
  return () => openMemoryInbox(store)
})
