import { systemClock } from '@micropay/runtime/clock'
import { describeStateDisk } from '../tables.contract.ts'
import { createMemoryDisk } from './disk.ts'

describeStateDisk('memory', () => createMemoryDisk({ clock: systemClock }))
