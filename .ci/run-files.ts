import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'
import type { Case } from './junit.ts'

export type Note = { name: string; detail: string }
export type Tally = { passed: number; failed: Note[]; skipped: Note[]; unsteady: Note[]; cases: Case[] }

export function emptyTally(): Tally {
  return { passed: 0, failed: [], skipped: [], unsteady: [], cases: [] }
}

/** A skip is an exception that everybody can see: any other reason counts as a failure. */
const allowedSkips = ['Berka file', 'Statement files', 'EventStoreDB', 'by night']
const keptOutput = 4000
const shownSlowest = 8
const repository = resolve(import.meta.dirname, '..')

/** So many files at most may hold by themselves what they did not among others. */
const mostUnsteady = 2

type Options = {
  readonly concurrency: number
  /** A file that takes longer hangs, and fails. */
  readonly timeoutMs: number
  readonly environment?: Record<string, string | undefined>
  /** A file that fails is run once more by itself; what holds then is told as unsteady, with what it said at first. */
  readonly secondLook?: boolean
}

/**
 * Runs each file in a process of its own, some at a time, and adds its tests, not its files or suites, to the tally.
 */
export async function runFiles(files: string[], options: Options, tally: Tally): Promise<void> {
  const waiting = [...files]
  const took: { file: string; seconds: number }[] = []
  const failed: { file: string; first: Tally }[] = []
  const runNext = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const begunAt = performance.now()
      const own = await runFile(file, options)
      took.push({ file, seconds: Math.round((performance.now() - begunAt) / 1000) })
      if (own.failed.length > 0) failed.push({ file, first: own })
      else add(tally, own)
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, runNext))
  const isLookedAtAgain = options.secondLook === true && failed.length <= mostUnsteady
  for (const { file, first } of failed) add(tally, isLookedAtAgain ? await lookAgain(file, first, options) : first)
  const slowest = took.sort((one, other) => other.seconds - one.seconds).slice(0, shownSlowest)
  process.stdout.write(`-- slowest: ${slowest.map(({ file, seconds }) => `${file} ${seconds} s`).join(', ')}\n`)
}

async function lookAgain(file: string, first: Tally, options: Options): Promise<Tally> {
  process.stdout.write(`-- once more, by itself: ${file}\n`)
  const second = await runFile(file, options)
  return second.failed.length > 0 ? first : { ...second, unsteady: first.failed }
}

function add(tally: Tally, { passed, failed, skipped, unsteady, cases }: Tally): void {
  tally.passed += passed
  tally.failed.push(...failed)
  tally.skipped.push(...skipped)
  tally.unsteady.push(...unsteady)
  tally.cases.push(...cases)
}

async function runFile(file: string, { environment = {}, timeoutMs }: Options): Promise<Tally> {
  const tally = emptyTally()
  const path = resolve(repository, file)
  const env = { ...process.env, NO_COLOR: '1', ...environment }
  // Its own `timeout` bounds tests that have begun, and does not end the file's process.
  const signal = AbortSignal.timeout(timeoutMs)
  const stream = run({ files: [path], cwd: repository, signal, isolation: 'process', env })
  const lines: string[] = []
  let output = ''
  let results = 0
  const keep = ({ message }: { message: string }) => {
    output = `${output}${message}`.slice(-keptOutput)
  }
  stream.on('test:stderr', keep)
  stream.on('test:stdout', keep)
  stream.on('test:diagnostic', ({ message }) => {
    if (message.startsWith('Error')) keep({ message })
  })
  // A test's own subtests are told just before it, one level deeper: then it is their container, not a leaf.
  let deepest = 0
  const isContainer = (nesting: number) => {
    const before = deepest
    deepest = nesting
    return before > nesting
  }
  stream.on('test:pass', (event) => {
    const exception = event.skip ?? event.todo
    const holdsTests = isContainer(event.nesting) || event.details.type === 'suite'
    if (event.name === file || event.name === path || (holdsTests && exception === undefined)) return
    results++
    const { duration_ms: durationMs } = event.details
    if (exception === undefined) {
      tally.passed++
      tally.cases.push({ file, name: event.name, outcome: 'passed', durationMs, detail: '' })
      lines.push(`  ok    ${file}: ${event.name} (${Math.round(event.details.duration_ms)} ms)`)
      return
    }
    const reason = typeof exception === 'string' && exception !== '' ? exception : 'no reason is given'
    lines.push(`  skip  ${file}: ${event.name}: ${reason}`)
    tally.cases.push({ file, name: event.name, outcome: 'skipped', durationMs, detail: reason })
    noteSkip(tally, { name: `${file}: ${event.name}`, detail: reason })
  })
  stream.on('test:fail', (event) => {
    const { error } = event.details
    isContainer(event.nesting)
    if ('failureType' in error && error.failureType === 'subtestsFailed') return
    results++
    const isFile = event.name === file || event.name === path
    const name = isFile ? file : `${file}: ${event.name}`
    lines.push(`  FAIL  ${name}`)
    const detail = `${describe(error)}\n${isFile ? output : ''}`.trim()
    tally.failed.push({ name, detail })
    const durationMs = event.details.duration_ms
    tally.cases.push({ file, name: isFile ? file : event.name, outcome: 'failed', durationMs, detail })
  })
  for await (const _ of stream);

  if (results === 0) tally.failed.push({ name: file, detail: `the file holds no test that ran\n${output}`.trim() })
  process.stdout.write(`${lines.join('\n')}\n`)
  return tally
}

export function noteSkip(tally: Tally, skip: Note): void {
  const isAllowed = allowedSkips.some((start) => skip.detail.startsWith(start))
  if (isAllowed) tally.skipped.push(skip)
  else tally.failed.push({ name: skip.name, detail: `skipped, which is not allowed: ${skip.detail}` })
}

/** A check that is one test: lint and types. */
export async function runCheck(name: string, command: string[], tally: Tally): Promise<void> {
  const [program = '', ...args] = command
  const outcome = await new Promise<string | undefined>((done) => {
    execFile(program, args, { cwd: repository, maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
      done(error ? `${stdout}${stderr}` || error.message : undefined),
    )
  })
  process.stdout.write(`  ${outcome === undefined ? 'ok   ' : 'FAIL '} ${name}\n`)
  if (outcome === undefined) tally.passed++
  else tally.failed.push({ name, detail: outcome.trim().split('\n').slice(0, 80).join('\n') })
}

function describe(error: Error): string {
  const cause = error.cause ?? error
  if (!(cause instanceof Error)) return inspect(cause)
  const lines = (cause.stack ?? cause.message).split('\n')
  return lines.filter((line) => !/^ +at .*node:internal/.test(line)).join('\n')
}
