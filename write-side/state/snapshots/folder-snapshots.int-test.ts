import { freshDirectory } from '../state.fixture.ts'
import { snapshotsContract } from './snapshots.contract.ts'

snapshotsContract(async (context) => ({ kind: 'folder', path: freshDirectory(context) }))
