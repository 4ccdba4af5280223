import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, statSync, watch, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export type ServiceOutput = {
  /** The file, for the process to write to: so it needs no reader, and never fails for the lack of one. */
  readonly descriptor: number
  /** One line that is not of a process of ours (PostgreSQL, Kafka). */
  line(text: string): void
  lastLines(): readonly string[]
  /** A process begins to write. */
  begin(): void
  /** Why that process must not go on, when that is the last that it said. */
  fatal(): string | undefined
}

const keptLines = 20
const tailBytes = 16 * 1024
const rotateBytes = 32 * 1024 * 1024
/** As pino numbers them. */
export const warning = 40
export const error = 50
const fatal = 60
const LogLine = z.object({
  level: z.number(),
  msg: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
})
const levels = { trace: 10, debug: 20, info: 30, warn: warning, error, fatal } as const
/** The same with LOG_FORMAT=ecs. */
const EcsLine = z
  .object({
    'log.level': z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    message: z.string(),
    'error.message': z.string().optional(),
  })
  .transform(({ 'log.level': level, message: msg, 'error.message': cause }): z.infer<typeof LogLine> => {
    return { level: levels[level], msg, ...(cause === undefined ? {} : { err: { message: cause } }) }
  })
const AnyLine = z.union([LogLine, EcsLine])

/** One service's log file, and on the terminal what is at least as grave as `lowestLevel`. */
export function serviceOutput(
  logDirectory: string,
  name: string,
  say: (text: string) => void,
  lowestLevel: () => number = () => warning,
): ServiceOutput {
  mkdirSync(logDirectory, { recursive: true, mode: 0o700 })
  const path = join(logDirectory, `${name}.log`)
  if (sizeOf(path) > rotateBytes) renameSync(path, join(logDirectory, `${name}.old.log`))
  const descriptor = openSync(path, 'a')
  follow(path, (text) => {
    const attention = attentionIn(text, lowestLevel())
    if (attention !== undefined) say(`  ${name}: ${attention}`)
  })
  let beganAt = sizeOf(path)
  return {
    descriptor,
    line: (text) => void writeSync(descriptor, `${text}\n`),
    lastLines: () => {
      const text = readFrom(path, Math.max(0, sizeOf(path) - tailBytes)).toString()
      return text.trimEnd().split('\n').slice(-keptLines).map(readable)
    },
    begin: () => {
      beganAt = sizeOf(path)
    },
    fatal: () => {
      const text = readFrom(path, Math.max(beganAt, sizeOf(path) - tailBytes)).toString()
      const last = parse(text.trimEnd().split('\n').at(-1) ?? '')
      return last && last.level >= fatal ? wording(last) : undefined
    },
  }
}

/** Tells every line that is added from now on. */
function follow(path: string, onLine: (text: string) => void): void {
  let offset = sizeOf(path)
  let rest = ''
  watch(path, { persistent: false }, () => {
    // Somebody may have cleaned up: the process goes on writing to what it has open.
    if (!existsSync(path)) return
    const added = readFrom(path, offset)
    offset += added.length
    const lines = (rest + added.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}

function readFrom(path: string, offset: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(Math.max(0, sizeOf(path) - offset))
    return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, offset))
  } finally {
    closeSync(file)
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** What of a log line belongs on the terminal: warnings and errors, readable. */
export function attentionIn(text: string, lowestLevel: number = warning): string | undefined {
  const parsed = parse(text)
  return parsed && parsed.level >= lowestLevel
    ? `${parsed.level >= error ? 'error' : 'warning'}: ${wording(parsed)}`
    : undefined
}

function readable(text: string): string {
  const parsed = parse(text)
  return parsed ? wording(parsed) : text
}

function wording({ msg, err }: z.infer<typeof LogLine>): string {
  // A stop's own text holds that of its error.
  const parts = err && msg?.includes(err.message) ? [msg] : [msg, err?.message]
  return parts.filter((part) => part !== undefined).join(': ') || 'see its log'
}

function parse(text: string): z.infer<typeof LogLine> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return AnyLine.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
