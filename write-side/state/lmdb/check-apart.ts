import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Clock } from '@micropay/runtime/clock'
import { z } from 'zod'
import type { CheckOptions, Expected, Verdict } from '../tables.ts'

/**
 * Lets a process of its own look through the state in `path`, since reading what was cut off ends the one that does.
 * One that ends without a verdict, or says nothing for long, has met something unreadable. Throws when somebody ends
 * it: whoever stops this process by its terminal or its group stops that one, too, which says nothing of the state.
 */
export async function checkApart(
  path: string,
  { ledgerId, partition }: Expected,
  clock: Pick<Clock, 'timer'>,
  { signal, background = false }: CheckOptions = {},
): Promise<Verdict> {
  signal?.throwIfAborted()
  const program = fileURLToPath(new URL('./check-main.ts', import.meta.url))
  const words = [program, path, ledgerId, String(partition), ...(background ? ['background'] : [])]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], env: {} })
  const stop = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', stop)
  try {
    const said = await outputOf(child, clock)
    signal?.throwIfAborted()
    return verdictOf(said)
  } finally {
    signal?.removeEventListener('abort', stop)
    stop()
  }
}

/** It says something for every few thousand records. */
const SILENT_MS = 30_000
/** More of what it says is of no use to anybody. */
const MOST_CHARACTERS = 10_000

const STOPPED_BY: readonly unknown[] = ['SIGTERM', 'SIGINT', 'SIGHUP']

type Output = { readonly text: string; readonly errors: string; readonly ended: string; readonly silent: boolean }

async function outputOf(child: ChildProcess, clock: Pick<Clock, 'timer'>): Promise<Output> {
  let [text, errors, silent] = ['', '', false]
  const stop = () => {
    silent = true
    child.kill('SIGKILL')
  }
  let watchdog = clock.timer(SILENT_MS, stop)
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-MOST_CHARACTERS)
    watchdog.cancel()
    watchdog = clock.timer(SILENT_MS, stop)
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-MOST_CHARACTERS)
  })
  try {
    const [code, killedBy] = await once(child, 'close')
    if (STOPPED_BY.includes(killedBy)) throw new Error(`the check of the state was ended by ${killedBy}`)
    return { text, errors, silent, ended: killedBy ? `by ${killedBy}` : `with exit code ${code}` }
  } finally {
    watchdog.cancel()
  }
}

const Said = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['none', 'sound']) }),
  z.object({ kind: z.enum(['unreadable', 'edited', 'foreign']), reason: z.string() }),
])

function verdictOf({ text, errors, ended, silent }: Output): Verdict {
  const last = text.trimEnd().split('\n').at(-1) ?? ''
  if (last.startsWith('{')) return Said.parse(JSON.parse(last))
  const why = silent ? `nothing was heard of it for ${SILENT_MS / 1000} s` : `it ended ${ended} ${firstLine(errors)}`
  return { kind: 'unreadable', reason: `reading it did not end well: ${why.trim()}` }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}
