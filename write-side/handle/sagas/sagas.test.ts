import { createMemoryStore, openMemoryLog } from '@micropay/event-log/memory/event-log'
import { openMemoryInbox } from '@micropay/event-log/memory/inbox'
import { describeLostHistory } from './lost-history.contract.ts'
import { describeSagas, type FreshLedger } from './sagas.contract.ts'

const fresh: FreshLedger = async (partitions) => {
  const store = createMemoryStore()
  await openMemoryLog(store).prepare(partitions)
  return () => ({ log: openMemoryLog(store), inbox: openMemoryInbox(store) })
}

describeSagas('memory', fresh)
describeLostHistory('memory', fresh)
