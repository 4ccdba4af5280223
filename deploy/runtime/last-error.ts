import type { LastError } from '@micropay/schemas/api/history'
import { systemClock } from './clock.ts'

/** Of this process, whichever of its loggers wrote it. */
let newest: LastError | undefined

const MOST_CHARACTERS = 300
/** So much is looked at; what is cut off there may be half a secret, so its last word goes. */
const MOST_READ = 2_000
/** As pino counts levels: error is 50, fatal 60. */
const ERROR_LEVEL = 50

/** Told of each line that a logger writes, by what it was called with: pino's hook `logMethod`. */
export function noteIfError(level: number, called: readonly unknown[]): void {
  if (level < ERROR_LEVEL) return
  newest = { at: new Date(systemClock.nowMs()).toISOString(), text: textOf(called) }
}

export function lastError(): LastError | null {
  return newest ?? null
}

/** Of what else was logged: which part of the system it is about, and nothing of people or what they asked. */
const where = ['upstream', 'lane', 'partition', 'schema', 'topic', 'technology']

/** What was said, the reason that stands beside it, and where; nothing else of what was logged. */
function textOf(called: readonly unknown[]): string {
  const said = called.find((each) => typeof each === 'string')
  const [about] = called
  const cause = about instanceof Error ? about : errorIn(about)
  const parts = [said, cause?.message].filter((part) => part !== undefined && part !== '')
  return shown(`${[...new Set(parts)].join(': ')}${placeIn(about)}`)
}

function placeIn(about: unknown): string {
  if (typeof about !== 'object' || about === null) return ''
  const named = Object.entries(about).filter(([name, value]) => where.includes(name) && typeof value !== 'object')
  return named.length === 0 ? '' : ` (${named.map(([name, value]) => `${name} ${value}`).join(', ')})`
}

function errorIn(about: unknown): Error | undefined {
  if (typeof about !== 'object' || about === null || !('err' in about)) return undefined
  return about.err instanceof Error ? about.err : undefined
}

/** In one line, and short; of an address no user and no password, of a query no secret. */
function shown(text: string): string {
  const read = text.length <= MOST_READ ? text : text.slice(0, MOST_READ).replace(/\S*$/, '')
  const plain = read
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/:\/\/[^\s/@]*@/g, '://…@')
    .replace(/((?:password|secret|token|key)["']?\s*[=:]\s*["']?)[^\s"'&;,]+/gi, '$1…')
    .replace(/\b(?:Bearer|DPoP|Basic)\s+[\w.~+/=-]+/g, '…')
    .trim()
  return plain.length <= MOST_CHARACTERS ? plain : `${plain.slice(0, MOST_CHARACTERS - 1)}…`
}
