import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Clock, Timer } from '@micropay/runtime/clock'
import { z } from 'zod'
import { type Expected, isUseless, type Verdict } from '../tables.ts'

/** What is looked through: the state in the directory `path`, and what it must belong to. */
export type Asked = Expected & { readonly path: string }

/** A process of its own that looks through one state after the other. */
export type Checker = {
  /**
   * One that ends without a verdict, or says nothing for long, has met something unreadable. Throws when somebody ends
   * it: whoever stops this process by its terminal or its group stops that one, too, which says nothing of the state.
   */
  look(asked: Asked, signal: AbortSignal | undefined): Promise<Verdict>
  /** Whether another state may be looked through by it: not after one that it may have been harmed by. */
  isUsable(): boolean
  stop(): void
}

/** Reading what was cut off ends the one that does, so it is never this process. */
export function startChecker(clock: Pick<Clock, 'timer'>, background: boolean): Checker {
  const program = fileURLToPath(new URL('./check-main.ts', import.meta.url))
  const child = spawn(process.execPath, [program, ...(background ? ['background'] : [])], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: compiledCodeIn(process.env),
  })
  const ended = once(child, 'close')
  const state = { isUsable: true, errors: '' }
  const unusable = () => {
    state.isUsable = false
  }
  ended.then(unusable, unusable)
  // It may end before it has read all, which its end says.
  child.stdin?.on('error', unusable)
  child.stdout?.setEncoding('utf8')
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    state.errors = (state.errors + chunk).slice(-MOST_CHARACTERS)
  })
  return {
    async look(asked, signal) {
      signal?.throwIfAborted()
      const stop = () => child.kill('SIGKILL')
      signal?.addEventListener('abort', stop)
      try {
        child.stdin?.write(`${JSON.stringify(asked)}\n`)
        const verdict = await verdictOf(child, ended, clock, () => state.errors)
        signal?.throwIfAborted()
        if (isUseless(verdict)) unusable()
        return verdict
      } catch (error) {
        unusable()
        throw error
      } finally {
        signal?.removeEventListener('abort', stop)
      }
    },
    isUsable: () => state.isUsable,
    stop: () => void child.kill('SIGKILL'),
  }
}

/** It needs nothing of what this process was told but where compiled code is kept, which halves its start. */
function compiledCodeIn({ NODE_COMPILE_CACHE }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }
}

/** It says something for every few thousand records. */
const SILENT_MS = 30_000
/** More of what it says is of no use to anybody. */
const MOST_CHARACTERS = 10_000

const STOPPED_BY: readonly unknown[] = ['SIGTERM', 'SIGINT', 'SIGHUP']

async function verdictOf(
  child: ChildProcess,
  ended: Promise<unknown[]>,
  clock: Pick<Clock, 'timer'>,
  errors: () => string,
): Promise<Verdict> {
  const said = Promise.withResolvers<Verdict>()
  let [text, silent] = ['', false]
  let watchdog: Timer | undefined
  const listen = () => {
    watchdog?.cancel()
    watchdog = clock.timer(SILENT_MS, () => {
      silent = true
      child.kill('SIGKILL')
    })
  }
  const hear = (chunk: string) => {
    text = (text + chunk).slice(-MOST_CHARACTERS)
    listen()
    const verdict = text.endsWith('\n') ? verdictIn(text) : undefined
    if (verdict) said.resolve(verdict)
  }
  listen()
  child.stdout?.on('data', hear)
  const end = ended.then(([code, killedBy]): Verdict => {
    if (STOPPED_BY.includes(killedBy)) throw new Error(`the check of the state was ended by ${killedBy}`)
    const how = killedBy ? `by ${killedBy}` : `with exit code ${code}`
    const why = silent ? `nothing was heard of it for ${SILENT_MS / 1000} s` : `it ended ${how} ${firstLine(errors())}`
    return { kind: 'unreadable', reason: `reading it did not end well: ${why.trim()}` }
  })
  try {
    return await Promise.race([said.promise, end])
  } finally {
    watchdog?.cancel()
    child.stdout?.off('data', hear)
  }
}

const Said = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['none', 'sound']) }),
  z.object({ kind: z.enum(['unreadable', 'edited', 'foreign']), reason: z.string() }),
])

function verdictIn(text: string): Verdict | undefined {
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  return last.startsWith('{') ? Said.parse(JSON.parse(last)) : undefined
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
