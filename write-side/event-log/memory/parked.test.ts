import { describeParkingLot } from '../parked.contract.ts'
import { createParkedStore, openMemoryParkingLot } from './parked.ts'

describeParkingLot('memory', async () => {
  const store = createParkedStore()
  return () => openMemoryParkingLot(store)
})
