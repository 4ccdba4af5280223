import { systemClock } from '@micropay/runtime/clock'
import { describeSharedMemory } from '../shared-memory.contract.ts'
import { openInProcessMemory } from './in-process-memory.ts'

const memory = openInProcessMemory(systemClock)
describeSharedMemory('one process', () => ({ ...memory, close: async () => undefined }))
