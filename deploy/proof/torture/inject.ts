import { join } from 'node:path'
import { systemClock } from '@micropay/runtime/clock'
import { ask } from './ask.ts'
import { currency, poor, rich } from './clients.ts'
import { type BrokerRole, type FaultDeed, isRole, type ProjectionName, type Role, type WireEnd } from './draw-faults.ts'
import { canMoveClocks, moveClock } from './fake-clock.ts'
import { injectHistory } from './inject-history.ts'
import { injectInbox } from './inject-inbox.ts'
import { healing, type Injected, nobody, nothingWrong } from './injected.ts'
import { signalTree } from './process-tree.ts'
import type { ClientName, WorkerName } from './product.ts'
import { otherThan, type Scene, workerOf } from './scene.ts'
import { copyState, spoilState } from './spoil-state.ts'

export async function inject(scene: Scene, deed: FaultDeed): Promise<Injected> {
  switch (deed.kind) {
    case 'kill':
    case 'stop':
    case 'terminate':
      return injectProcess(scene, deed.kind, deed.target)
    case 'wire':
      return injectWire(scene, deed, await endsOf(scene, deed.to))
    case 'kill postgres':
      await scene.product.postgres.kill()
      return healing('PostgreSQL', () => scene.product.postgres.start())
    case 'stop postgres': {
      const pid = await scene.product.postgres.pid()
      signalTree(pid, 'SIGSTOP')
      return healing('PostgreSQL', async () => signalTree(pid, 'SIGCONT'))
    }
    case 'kill broker':
    case 'stop broker':
      return injectBroker(scene, deed.kind, deed.broker)
    case 'inbox':
      return injectInbox(scene, deed.how)
    case 'full disk':
      return injectFullDisk(scene, workerOf(scene, deed.target))
    case 'clock':
      return injectClock(scene, workerOf(scene, deed.target), deed.byMs, deed.at)
    case 'history':
      return injectHistory(scene, deed.how, deed.records)
    case 'state':
      return injectState(scene, workerOf(scene, deed.target), deed.how)
  }
}

type Target = Role | ProjectionName | 'reads'

export function clientOf(scene: Scene, target: Target): ClientName {
  return isRole(target) ? workerOf(scene, target) : target
}

/** As docs/operations.md says: it ends within 15 s, and with 0. */
const endsWithinMs = 15_000

async function injectProcess(scene: Scene, how: 'kill' | 'stop' | 'terminate', target: Target): Promise<Injected> {
  const name = clientOf(scene, target)
  const service = scene.product.services[name]
  const taken = target === 'standby' || name === 'reads' ? {} : { taken: name }
  if (how === 'stop') {
    service.signal('SIGSTOP')
    return { ...taken, ...healing(name, async () => service.signal('SIGCONT')) }
  }
  if (how === 'kill') {
    await service.kill()
    return { ...taken, ...healing(name, async () => service.start()) }
  }
  const { how: ended, tookMs } = await service.terminate(endsWithinMs)
  // Another fault of the round may have killed it.
  const isWell = ended === 'exit code 0' || ended === 'SIGKILL'
  const wrong = isWell ? [] : [`${name} on SIGTERM: ${ended} after ${Math.round(tookMs)} ms`]
  const heal = async () => {
    service.start()
    return wrong
  }
  return { ...taken, note: `${name}, which ended after ${Math.round(tookMs)} ms`, heal }
}

/** What the wires are called that a fault strikes. */
async function endsOf({ product }: Scene, to: WireEnd): Promise<readonly string[]> {
  if (to === 'log') return product.kafka ? product.kafka.brokers.map(({ id }) => `broker ${id}`) : ['log']
  if (to !== 'leader' && to !== 'follower') return [to]
  const broker = await product.kafka?.brokerIn(to)
  return broker === undefined ? [] : [`broker ${broker.id}`]
}

type WireDeed = Extract<FaultDeed, { kind: 'wire' }>

function injectWire(scene: Scene, { of, to, mode }: WireDeed, ends: readonly string[]): Injected {
  const name = clientOf(scene, of)
  const wires = scene.product.wires[name]
  const struck = ends.flatMap((end) => wires.get(end) ?? [])
  if (struck.length === 0) return nobody(`${name} has no connection to ${to}`)
  const before = struck.reduce((sum, wire) => sum + wire.struck(), 0)
  for (const wire of struck) wire.set(mode)
  return {
    ...healing(name, async () => {
      for (const wire of struck) wire.set('pass')
    }),
    struck: () => struck.reduce((sum, wire) => sum + wire.struck(), 0) - before,
  }
}

async function injectBroker(scene: Scene, how: 'kill broker' | 'stop broker', role: BrokerRole): Promise<Injected> {
  const broker = await scene.product.kafka?.brokerIn(role)
  const pid = broker?.pid()
  if (broker === undefined || pid === undefined) return nobody('there are no brokers')
  if (how === 'kill broker') {
    await broker.kill()
    return healing(`broker ${broker.id}`, () => broker.start())
  }
  signalTree(pid, 'SIGSTOP')
  return healing(`broker ${broker.id}`, async () => signalTree(pid, 'SIGCONT'))
}

async function injectFullDisk(scene: Scene, worker: WorkerName): Promise<Injected> {
  const disk = scene.product.disks[worker]
  if (!disk.canBeFilled) return nobody('a disk of its own takes root')
  disk.fill()
  // It writes seldom: what it has is written as it ends, and read as it starts.
  const service = scene.product.services[worker]
  await service.terminate(endsWithinMs)
  service.start()
  return healing(worker, async () => disk.empty())
}

async function injectClock(
  { product }: Scene,
  worker: WorkerName,
  byMs: number,
  at: 'once' | 'start',
): Promise<Injected> {
  if (!canMoveClocks) return nobody('the package libfaketime is not installed')
  const service = product.services[worker]
  if (at === 'start') await service.kill()
  moveClock(product.directory, worker, byMs)
  if (at === 'start') service.start()
  return healing(worker, async () => moveClock(product.directory, worker, 0))
}

/** Until a copy is so old that others have moved on. */
const ageMs = 2_500

/**
 * The worker alone is left to serve from what it has on its disk then, and is asked for money that is only there; the
 * other comes back when it is healed.
 */
async function injectState(
  scene: Scene,
  worker: WorkerName,
  how: Extract<FaultDeed, { kind: 'state' }>['how'],
): Promise<Injected> {
  const { services, disks, directory } = scene.product
  const [mine, other] = [services[worker], services[otherThan(worker)]]
  // In order, since what it knows comes to its disk only then, or every few thousand commits.
  await mine.terminate(endsWithinMs)
  let did: string | undefined = 'an older copy'
  if (how === 'older') {
    const copy = join(directory, `copy-${worker}`)
    copyState(disks[worker].path, copy, 'keep')
    mine.start()
    await systemClock.sleep(ageMs)
    await Promise.all([mine.terminate(endsWithinMs), other.kill()])
    copyState(disks[worker].path, copy, 'bring back')
  } else {
    await other.kill()
    did = await spoilState(disks[worker].path, how)
  }
  mine.start()
  return {
    ...(did === undefined ? nobody(`${worker} had nothing on its disk yet`) : { note: `${worker}: ${did}` }),
    heal: async () => {
      if (how === 'edited') await takeWhatIsNotThere(scene, worker)
      other.start()
      return nothingWrong
    },
  }
}

let taken = 0

/** Whether it is paid is seen in the log. */
async function takeWhatIsNotThere({ asking, product }: Scene, worker: WorkerName): Promise<void> {
  const [from, to] = [poor, rich]
  taken += 1
  const body = { postings: [{ from, to, amount: '400000000', currency }] }
  const command = { key: `not-there:${taken}:${worker}`, path: '/v1/payments', body, patienceMs: 14_000 }
  await ask(asking, command, { name: worker, url: product.services[worker].url })
}
