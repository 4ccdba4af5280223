import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'

export type Note = { name: string; detail: string }
export type Tally = { passed: number; failed: Note[]; skipped: Note[] }

export function emptyTally(): Tally {
  return { passed: 0, failed: [], skipped: [] }
}

/** A skip is an exception that everybody can see: any other reason counts as a failure. */
const allowedSkips = ['Berka file', 'EventStoreDB']
const fileTimeoutMs = 300_000
const repository = resolve(import.meta.dirname, '..')

type Options = { concurrency: number; environment?: Record<string, string | undefined> }

/** Runs each file in a process of its own and adds its tests, not its files or suites, to the tally. */
export async function runFiles(
  files: string[],
  { concurrency, environment = {} }: Options,
  tally: Tally,
): Promise<void> {
  const withResults = new Set<string>()
  const output = new Map<string, string>()
  const stream = run({
    files: files.map((file) => resolve(repository, file)),
    cwd: repository,
    concurrency,
    timeout: fileTimeoutMs,
    isolation: 'process',
    env: { ...process.env, NO_COLOR: '1', ...environment },
  })
  const say = (text: string) => process.stdout.write(`${text}\n`)
  const heard = (file: string, text: string) => output.set(file, `${output.get(file) ?? ''}${text}`.slice(-4000))

  stream.on('test:stderr', ({ file, message }) => heard(file, message))
  stream.on('test:stdout', ({ file, message }) => heard(file, message))
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite' || isFile(event.name, files)) return
    const name = `${shortPath(event.file)}: ${event.name}`
    withResults.add(shortPath(event.file))
    const exception = event.skip ?? event.todo
    if (exception === undefined) {
      tally.passed++
      say(`  ok    ${name} (${Math.round(event.details.duration_ms)} ms)`)
      return
    }
    const reason = typeof exception === 'string' && exception !== '' ? exception : 'no reason is given'
    say(`  skip  ${name}: ${reason}`)
    if (allowedSkips.some((start) => reason.startsWith(start))) tally.skipped.push({ name, detail: reason })
    else tally.failed.push({ name, detail: `skipped, which is not allowed: ${reason}` })
  })
  stream.on('test:fail', (event) => {
    const file = shortPath(event.file)
    const isOnlyAContainer = event.details.type === 'suite' || isFile(event.name, files)
    const becauseOfItsTests = event.details.error.failureType === 'subtestsFailed'
    if (isOnlyAContainer && becauseOfItsTests) return
    withResults.add(file)
    const name = `${file}: ${event.name}`
    say(`  FAIL  ${name}`)
    tally.failed.push({
      name,
      detail: `${describe(event.details.error)}\n${output.get(event.file ?? '') ?? ''}`.trim(),
    })
  })
  for await (const _ of stream);

  for (const file of files) {
    if (withResults.has(file)) continue
    tally.failed.push({ name: file, detail: 'the file holds no test that ran' })
  }
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

function isFile(name: string, files: string[]): boolean {
  return files.includes(shortPath(name))
}

function shortPath(file: string | undefined): string {
  return (file ?? 'unknown file').replace(`${repository}/`, '')
}

function describe(error: Error): string {
  const cause = error.cause ?? error
  return cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause)
}
