import { createHash } from 'node:crypto'
import { z } from 'zod'

/**
 * What happened that a security review asks for. `subject`, `client` and `tenant` are those of a token that was found
 * good, and never what a caller only says of itself; `route` is the route's pattern, so that no id and no secret is
 * written; `times` counts what was alike and came soon after one another.
 */
export type SecurityEvent = {
  readonly event: SecurityEventName
  readonly subject?: string | undefined
  readonly client?: string | undefined
  readonly tenant?: string | undefined
  readonly address?: string | undefined
  readonly method?: string | undefined
  readonly route?: string | undefined
  readonly status?: number | undefined
  /** The code of the problem (docs/errors.md). */
  readonly problem?: string | undefined
  readonly reason?: string | undefined
  readonly traceId?: string | undefined
  readonly times?: number | undefined
}

/**
 * `log_opened` begins what one process writes; `lines_lost` says how many lines could not be written before it; the
 * others are in docs/operations.md.
 */
export type SecurityEventName =
  | 'log_opened'
  | 'lines_lost'
  | 'signed_in'
  | 'sign_in_failed'
  | 'payment_confirmed'
  | 'confirmation_failed'
  | 'signed_out'
  | 'signed_out_by_issuer'
  | 'logout_failed'
  | 'refused'
  | 'limited'
  | 'breaker'

/** How far a chain is: the number of its last line, and that line's hash. */
export type ChainHead = { readonly seq: number; readonly hash: string }

/** Before the first line. */
export const CHAIN_START: ChainHead = { seq: 0, hash: '0'.repeat(64) }

/**
 * The next line of a chain, without its end of line: a JSON object whose `previous` is the hash of the line before, and
 * whose last member, `hash`, is the SHA-256 in hex of the line without that member.
 */
export function chainLine(
  head: ChainHead,
  written: { readonly atMs: number; readonly service: string; readonly what: SecurityEvent },
): { readonly line: string; readonly head: ChainHead } {
  const seq = head.seq + 1
  const at = new Date(written.atMs).toISOString()
  const text = JSON.stringify({
    ...{ seq, at, service: written.service },
    ...written.what,
    previous: head.hash,
  })
  const hash = hashOf(text)
  return { line: `${text.slice(0, -1)},"hash":"${hash}"}`, head: { seq, hash } }
}

const ChainLine = z.looseObject({
  seq: z.number().int().positive(),
  event: z.string(),
  previous: z.string().regex(/^[0-9a-f]{64}$/),
})
export type ChainLine = z.infer<typeof ChainLine> & { readonly hash: string }

/** What is no line, or not all of one; or a line whose hash is another one's. */
export type ChainFault = 'torn' | 'changed'

/** A line of a chain, or what is wrong with it by itself. */
export function readChainLine(line: string): ChainLine | ChainFault {
  const end = /,"hash":"([0-9a-f]{64})"\}$/.exec(line)
  const parsed = end ? ChainLine.safeParse(jsonOf(line)) : undefined
  if (!end?.[1] || !parsed?.success) return 'torn'
  return hashOf(`${line.slice(0, end.index)}}`) === end[1] ? { ...parsed.data, hash: end[1] } : 'changed'
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
