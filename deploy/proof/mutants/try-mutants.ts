import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Mutation, mutated } from './mutation.ts'
import { makeScratch } from './scratch.ts'

export type TryOptions = {
  /** For tests that need services: TEST_POSTGRES_URL, TEST_KAFKA_BROKERS. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly atOnce: number
  readonly say: (line: string) => void
}

/** A test that hangs has found the bug; it may hang for as long as a slow machine takes for the whole of it. */
const MOST_MS = 60_000

/**
 * Plants each bug in a copy of the repository and runs its tests, which must pass without it and fail with it. Answers
 * what is wrong, a line each: a bug that no test found, one that can no longer be planted, a test that fails by itself.
 */
export async function tryMutants(mutations: readonly Mutation[], options: TryOptions): Promise<string[]> {
  const wrong: string[] = []
  const waiting = mutations.values()
  const sound = new Map<string, Promise<boolean>>()
  await Promise.all(
    Array.from({ length: options.atOnce }, async () => {
      const scratch = await makeScratch()
      try {
        for (const mutation of waiting) {
          const fault = await tryOne(mutation, scratch.directory, sound, options)
          if (fault === undefined) continue
          options.say(fault)
          wrong.push(fault)
        }
      } finally {
        await scratch.remove()
      }
    }),
  )
  return wrong
}

async function tryOne(
  mutation: Mutation,
  directory: string,
  sound: Map<string, Promise<boolean>>,
  { environment, say }: TryOptions,
): Promise<string | undefined> {
  const { name, file, tests } = mutation
  const run = (test: string) => passes([test], directory, environment)
  const source = await readFile(join(directory, file), 'utf8')
  const planted = mutated(source, mutation)
  if (planted === undefined) return `${name}: what it replaces does not stand once in ${file}`
  for (const test of tests) {
    if (!sound.has(test)) sound.set(test, run(test))
    if (!(await sound.get(test))) return `${name}: ${test} fails without it`
  }
  try {
    await writeFile(join(directory, file), planted)
    if (!(await passes(['--check', file], directory, environment))) return `${name}: ${file} does not parse with it`
    for (const test of tests) {
      if (await run(test)) continue
      say(`${name}: found by ${test}`)
      return undefined
    }
    return `${name}: SURVIVED ${tests.join(', ')}`
  } finally {
    await writeFile(join(directory, file), source)
  }
}

/** Whether `node` with these arguments ends with 0 in time. */
function passes(args: readonly string[], cwd: string, environment: TryOptions['environment']): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, ...environment }
  const child = spawn(process.execPath, args, { cwd, env, stdio: 'ignore', timeout: MOST_MS, killSignal: 'SIGKILL' })
  child.once('error', () => resolve(false))
  child.once('exit', (status) => resolve(status === 0))
  return promise
}
