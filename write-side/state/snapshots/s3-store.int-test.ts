import { after } from 'node:test'
import { startMoto } from './moto.fixture.ts'
import { objectStoreContract } from './object-store.contract.ts'
import { openObjectStore } from './open-object-store.ts'
import { snapshotsContract } from './snapshots.contract.ts'

const moto = await startMoto()
after(moto.stop)

objectStoreContract(async (context) => openObjectStore(await moto.bucket(context)))
snapshotsContract((context) => moto.bucket(context))
