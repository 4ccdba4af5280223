import type { Server } from 'node:net'
import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Clock } from '@micropay/runtime/clock'
import { CLOSE_WITHIN_MS } from '@micropay/runtime/close-on-signal'
import { holdPort, portOf } from '../stores/free-port.ts'
import { type Child, startChild } from './service-child.ts'
import type { ServiceOutput } from './service-output.ts'

export type ServiceDefinition = {
  readonly name: string
  /** The service's own main.ts, the one that production runs. */
  readonly main: string
  /** Its PORT is that of the socket, for a process that comes after a crash. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Its address, held for it until its process takes it over, and again from the moment when that has ended. */
  readonly socket: Server
  /** Answers 200 when the service is ready, unless it says where it answers probes. */
  readonly readyUrl: string
}

export type Service = {
  readonly name: string
  pid(): number | undefined
  /** Settles when it first answered that it is ready; rejects when it gave up or took too long. */
  ready(): Promise<void>
  /** SIGTERM, and SIGKILL when it does not end in time. */
  stop(): Promise<void>
  killNow(): void
}

export type SuperviseOptions = {
  readonly output: ServiceOutput
  readonly clock: Clock
  readonly say: (text: string) => void
  /** It crashed too often, or must not go on: everything should stop. */
  readonly onGivenUp: (error: Error) => void
  /** It runs again, with another process, after it crashed. */
  readonly onRestarted?: () => void
}

const restarts = 3
const afterCrashes: BackOff = { firstMs: 300, mostMs: 5_000 }
const steadyMs = 60_000
const readyWithinMs = 60_000
const pollMs = 40
const isBuilding = /"reason":"the read model is being built"/
/** A service gives up by itself before that, and says so. */
const stopWithinMs = CLOSE_WITHIN_MS + 3_000

/**
 * Runs a service as a child process and starts it again when it crashes, three times with growing pauses, and not when
 * it said that it must not go on. It is ready when the process that was started listens and answers so: what another
 * program answers at that address counts for nothing. One that is stopped until a person has acted is waited for no
 * longer: what a person asks of it and of the others must be there. Nor is one whose read model takes long to build,
 * which is as long as the log: to give up would be to begin anew with the next start.
 */
export function supervise(definition: ServiceDefinition, options: SuperviseOptions): Service {
  const { output, clock, say, onGivenUp, onRestarted } = options
  const { name } = definition
  const stopping = new AbortController()
  const port = portOf(definition.socket)
  let socket = definition.socket
  let crashes = 0
  let givenUp: Error | undefined

  const run = (): Child => {
    const startedAt = clock.monotonicMs()
    output.begin()
    const started = startChild(definition, socket, output)
    void started.ended.then((how) => (stopping.signal.aborted ? undefined : crashed(startedAt, how)))
    return started
  }

  const giveUp = (why: string) => {
    const last = output.lastLines().map((line) => `    ${line}`)
    givenUp = new Error(`${name} ${why}. It said last:\n${last.join('\n')}`)
    onGivenUp(givenUp)
  }

  const crashed = async (startedAt: number, how: string) => {
    // Before anything else: others take what is free.
    socket = await holdPort(port).catch(() => socket)
    crashes = clock.monotonicMs() - startedAt > steadyMs ? 1 : crashes + 1
    const fatal = output.fatal()
    if (fatal !== undefined) return giveUp(`must not go on: ${fatal}`)
    if (crashes > restarts) return giveUp(`ended ${crashes} times (${how})`)
    say(`  ${name}: ended (${how}), starting it again`)
    if (!(await clock.sleep(backOff(crashes, afterCrashes), stopping.signal))) return
    child = run()
    onRestarted?.()
  }

  const ready = async () => {
    const giveUpAt = clock.monotonicMs() + readyWithinMs
    for (;;) {
      const { pid } = child
      const reason = child.isListening() ? await whyNotReady(readyUrlOf(definition, child)) : 'it does not listen yet'
      if (reason === undefined && child.pid === pid && child.isListening()) return
      if (/"reason":"(?:partition [0-9]+: )?stopped: /.test(reason ?? '')) return
      if (givenUp) throw givenUp
      if (stopping.signal.aborted) throw new Error(`${name} was stopped`)
      if (clock.monotonicMs() > giveUpAt) {
        if (isBuilding.test(reason ?? '')) return say(`  ${name}: its read model is being built: it answers after that`)
        throw new Error(`${name} is not ready after ${readyWithinMs / 1000} s: ${reason}`)
      }
      await clock.sleep(pollMs)
    }
  }

  const stop = async () => {
    stopping.abort()
    child.kill('SIGTERM')
    const inTime = await Promise.race([child.ended.then(() => true), clock.sleep(stopWithinMs).then(() => false)])
    if (inTime) return
    say(`  ${name}: did not close in time, killed`)
    child.kill('SIGKILL')
    await child.ended
  }

  let child = run()
  const killNow = () => {
    stopping.abort()
    child.kill('SIGKILL')
  }
  return { name, pid: () => child.pid, ready, stop, killNow }
}

function readyUrlOf({ readyUrl }: ServiceDefinition, child: Child): string {
  const probesUrl = child.probesUrl()
  return probesUrl === undefined ? readyUrl : `${probesUrl}/health/ready`
}

async function whyNotReady(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    return answer.status === 200 ? undefined : `${answer.status} ${await answer.text()}`
  } catch {
    return 'it does not answer'
  }
}
