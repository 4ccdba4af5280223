import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '@micropay/runtime/clock'
import { onFreePort, PortInUseError } from '../stores/free-port.ts'
import { type GuardedProcess, ProcessEnded, startGuarded } from '../stores/guarded-process.ts'
import { type AlertNotice, type AlertNotices, receiveAlerts } from './alert-notices.ts'
import type { Observers } from './find-observers.ts'
import { type Target, writeObserveFiles, writeTargets } from './observe-files.ts'

/** Prometheus and Alertmanager beside the product. */
export type Observing = {
  readonly prometheus: string
  readonly alertmanager: string
  /** Both ended in order; they keep what they know in their directory. */
  stop(): Promise<void>
  kill(): Promise<void>
  /** Settles when one of them ended by itself, with what it said. */
  readonly ended: Promise<string>
}

export type ObserveOptions = {
  readonly programs: Observers
  readonly directory: string
  readonly targets: readonly Target[]
  readonly clock: Clock
  /** Where they listen, unless that is taken; any port without it. */
  readonly usualPorts?: { readonly prometheus: number; readonly alertmanager: number } | undefined
  /** A line of their own logs. */
  readonly log: (line: string) => void
  readonly told: (notice: AlertNotice) => void
  /** For tests: see writeObserveFiles. */
  readonly hurried?: boolean
}

const READY_WITHIN_MS = 30_000
const POLL_MS = 50
/** Whichever comes first: as long as the slowest alert looks back, and more. */
const kept = ['--storage.tsdb.retention.time=15d', '--storage.tsdb.retention.size=2GB']

/** Starts both on 127.0.0.1, and waits until they answer; throws an Error with what one said that did not. */
export async function startObservers(options: ObserveOptions): Promise<Observing> {
  const { directory, targets, told, programs, usualPorts } = options
  await mkdir(directory, { recursive: true })
  const notices = await receiveAlerts(told)
  const running: GuardedProcess[] = []
  try {
    const files = await writeObserveFiles(directory, { notices: notices.url, hurried: options.hurried ?? false })
    const alertmanager = await startOne(options, usualPorts?.alertmanager, running, (address) => ({
      command: programs.alertmanager,
      args: [
        ...[`--config.file=${files.alertmanager}`, `--storage.path=${join(directory, 'alertmanager')}`],
        // It speaks with no others.
        ...[`--web.listen-address=${address}`, '--cluster.listen-address='],
      ],
    }))
    await writeTargets(directory, 'services', targets)
    await writeTargets(directory, 'alertmanager', [{ job: 'alertmanager', address: alertmanager }])
    const prometheus = await startOne(options, usualPorts?.prometheus, running, async (address) => {
      await writeTargets(directory, 'prometheus', [{ job: 'prometheus', address }])
      const storage = [`--storage.tsdb.path=${join(directory, 'prometheus')}`, ...kept]
      return {
        command: programs.prometheus,
        args: [
          `--config.file=${files.prometheus}`,
          ...storage,
          `--web.listen-address=${address}`,
          ...assetsOf(programs),
        ],
      }
    })
    return {
      prometheus: `http://${prometheus}`,
      alertmanager: `http://${alertmanager}`,
      ended: Promise.race(running.map(({ exited }) => exited.then(({ lastLines }) => lastLines.slice(-5).join('\n')))),
      stop: () => closeAll(running, notices, 'stop'),
      kill: () => closeAll(running, notices, 'kill'),
    }
  } catch (cause) {
    await closeAll(running, notices, 'kill')
    throw cause
  }
}

async function closeAll(running: readonly GuardedProcess[], notices: AlertNotices, how: 'stop' | 'kill') {
  await Promise.all(running.map((each) => each[how]()))
  await notices.close()
}

/** Debian's Prometheus has its pages in a folder of their own, which lies beside the programs in .cache. */
function assetsOf({ prometheus }: Observers): readonly string[] {
  const [, cache] = /^(.*[\\/]\.cache[\\/]prometheus)[\\/]bin[\\/]/.exec(prometheus) ?? []
  return cache === undefined ? [] : [`--web.local-assets=${join(cache, 'prometheus', 'web')}/`]
}

type Command = { readonly command: string; readonly args: string[] }

/** Its address, once it answers; the process is added to `running` at once. */
async function startOne(
  { clock, log }: ObserveOptions,
  usual: number | undefined,
  running: GuardedProcess[],
  commandAt: (address: string) => Command | Promise<Command>,
): Promise<string> {
  return onFreePort(usual, async (port) => {
    const address = `127.0.0.1:${port}`
    const guarded = startGuarded({ ...(await commandAt(address)), stopSignal: 'TERM', environment: process.env, log })
    running.push(guarded)
    try {
      await untilReady(`http://${address}/-/ready`, guarded, clock)
    } catch (cause) {
      running.splice(running.indexOf(guarded), 1)
      await guarded.kill()
      const taken = cause instanceof ProcessEnded && cause.lastLines.some((line) => line.includes('address already in'))
      throw taken ? new PortInUseError(`port ${port} is in use`, { cause }) : cause
    }
    return address
  })
}

async function untilReady(url: string, { exited }: GuardedProcess, clock: Clock): Promise<void> {
  const untilMs = clock.monotonicMs() + READY_WITHIN_MS
  let hasEnded = false
  const ended = exited.then(({ code, lastLines }) => {
    hasEnded = true
    throw new ProcessEnded(code, lastLines)
  })
  ended.catch(() => undefined)
  const answers = async () => {
    while (!hasEnded && clock.monotonicMs() < untilMs) {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
      await answer?.body?.cancel()
      if (answer?.ok) return
      await clock.sleep(POLL_MS)
    }
    throw new Error(`${url} did not answer within ${READY_WITHIN_MS / 1_000} s`)
  }
  await Promise.race([answers(), ended])
}
