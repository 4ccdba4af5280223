import { systemClock } from '@micropay/runtime/clock'
import { freshDirectory } from '../state.fixture.ts'
import { describeStateDisk } from '../tables.contract.ts'
import { lmdbDisk } from './disk.ts'

describeStateDisk('LMDB', (context) => lmdbDisk(freshDirectory(context), 0, systemClock))
