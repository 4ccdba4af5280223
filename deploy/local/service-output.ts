import { createWriteStream, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { z } from 'zod'

export type ServiceOutput = {
  /** Takes a process's output: all of it goes to the service's file, what needs attention to the terminal as well. */
  follow(...streams: readonly Readable[]): void
  /** One line that is not of a process of ours (PostgreSQL, Kafka). */
  line(text: string): void
  lastLines(): readonly string[]
}

const keptLines = 20
/** As pino numbers them. */
export const warning = 40
export const error = 50
const LogLine = z.object({
  level: z.number(),
  msg: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
})

/** One service's log file, and on the terminal what is at least as grave as `lowestLevel`. */
export function serviceOutput(
  logDirectory: string,
  name: string,
  say: (text: string) => void,
  lowestLevel: () => number = () => warning,
): ServiceOutput {
  mkdirSync(logDirectory, { recursive: true, mode: 0o700 })
  const file = createWriteStream(join(logDirectory, `${name}.log`), { flags: 'a' })
  const kept: string[] = []
  const line = (text: string) => {
    file.write(`${text}\n`)
    kept.push(text)
    if (kept.length > keptLines) kept.shift()
  }
  const follow = (...streams: readonly Readable[]) => {
    for (const stream of streams) {
      createInterface({ input: stream }).on('line', (text) => {
        line(text)
        const attention = attentionIn(text, lowestLevel())
        if (attention !== undefined) say(`  ${name}: ${attention}`)
      })
    }
  }
  return { follow, line, lastLines: () => kept.map(readable) }
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
  return [msg, err?.message].filter((part) => part !== undefined).join(': ') || 'see its log'
}

function parse(text: string): z.infer<typeof LogLine> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return LogLine.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
