import { type ChildProcess, spawn } from 'node:child_process'
import type { Clock } from '@micropay/runtime/clock'
import { CLOSE_WITHIN_MS } from '@micropay/runtime/close-on-signal'
import { nodeFlags } from './node-flags.ts'
import type { ServiceOutput } from './service-output.ts'

export type ServiceDefinition = {
  readonly name: string
  /** The service's own main.ts, the one that production runs. */
  readonly main: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Answers 200 when the service is ready. */
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
  /** It crashed too often: everything should stop. */
  readonly onGivenUp: (error: Error) => void
}

const restarts = 3
const firstPauseMs = 300
const steadyMs = 60_000
const readyWithinMs = 60_000
const pollMs = 40
/** A service gives up by itself before that, and says so. */
const stopWithinMs = CLOSE_WITHIN_MS + 3_000

/**
 * Runs a service as a child process and starts it again when it crashes, three times with growing pauses. The child has a process group
 * of its own, so Ctrl-C reaches us alone, and an IPC channel, so it closes when we are gone, however we ended.
 */
export function supervise(definition: ServiceDefinition, options: SuperviseOptions): Service {
  const { output, clock, say, onGivenUp } = options
  const stopping = new AbortController()
  let child: ChildProcess | undefined
  let ended: Promise<void> = Promise.resolve()
  let crashes = 0
  let givenUp: Error | undefined

  const run = () => {
    const startedAt = clock.monotonicMs()
    const started = spawn(process.execPath, [...nodeFlags, definition.main], {
      stdio: ['ignore', output.descriptor, output.descriptor, 'ipc'],
      env: { ...definition.environment },
      detached: true,
    })
    child = started
    ended = new Promise((resolve) => {
      started.once('error', (error) => output.line(error.message))
      started.once('close', (code, signal) => {
        resolve()
        if (!stopping.signal.aborted) void crashed(startedAt, signal ?? `exit code ${code}`)
      })
    })
  }

  const crashed = async (startedAt: number, how: string) => {
    crashes = clock.monotonicMs() - startedAt > steadyMs ? 1 : crashes + 1
    if (crashes > restarts) {
      const last = output.lastLines().map((line) => `    ${line}`)
      givenUp = new Error(`${definition.name} ended ${crashes} times (${how}). It said last:\n${last.join('\n')}`)
      return onGivenUp(givenUp)
    }
    say(`  ${definition.name}: ended (${how}), starting it again`)
    if (await clock.sleep(firstPauseMs * 2 ** (crashes - 1), stopping.signal)) run()
  }

  const ready = async () => {
    const giveUpAt = clock.monotonicMs() + readyWithinMs
    for (;;) {
      const reason = await whyNotReady(definition.readyUrl)
      if (reason === undefined) return
      if (givenUp) throw givenUp
      if (stopping.signal.aborted) throw new Error(`${definition.name} was stopped`)
      if (clock.monotonicMs() > giveUpAt) {
        throw new Error(`${definition.name} is not ready after ${readyWithinMs / 1000} s: ${reason}`)
      }
      await clock.sleep(pollMs)
    }
  }

  const stop = async () => {
    stopping.abort()
    child?.kill('SIGTERM')
    const inTime = await Promise.race([ended.then(() => true), clock.sleep(stopWithinMs).then(() => false)])
    if (inTime) return
    say(`  ${definition.name}: did not close in time, killed`)
    child?.kill('SIGKILL')
    await ended
  }

  run()
  return {
    name: definition.name,
    pid: () => child?.pid,
    ready,
    stop,
    killNow: () => {
      stopping.abort()
      child?.kill('SIGKILL')
    },
  }
}

async function whyNotReady(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    return answer.status === 200 ? undefined : `${answer.status} ${await answer.text()}`
  } catch {
    return 'it does not answer'
  }
}
