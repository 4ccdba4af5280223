import { preferencesOf } from '@micropay/runtime/prefer'
import { ProblemError } from '@micropay/runtime/problem-error'
import { type Position, parsePositions } from '@micropay/schemas/position'

/**
 * What a reader asks of freshness: `At-Least` a position, and by `Prefer` (RFC 7240) how long to wait for it, and what
 * then.
 */
export function readOptionsOf(headers: Readonly<Record<string, string | string[] | undefined>>): ReadOptions {
  const preferences = preferencesOf(headers.prefer)
  const wait = preferences.get('wait')
  const isTimed = wait !== undefined && /^[0-9]{1,6}$/.test(wait)
  const waitSeconds = Math.min(isTimed ? Number(wait) : DEFAULT_WAIT_SECONDS, MAX_WAIT_SECONDS)
  const lenient = preferences.get('handling') === 'lenient'
  return {
    atLeast: atLeastOf(headers['at-least']),
    waitMs: waitSeconds * 1000,
    lenient,
    applied: [...(isTimed ? [`wait=${waitSeconds}`] : []), ...(lenient ? ['handling=lenient'] : [])],
  }
}

export type ReadOptions = {
  readonly atLeast: readonly Position[]
  readonly waitMs: number
  readonly lenient: boolean
  /** What of `Prefer` is heeded, in its words; a wait as long as it is at most. */
  readonly applied: readonly string[]
}

const DEFAULT_WAIT_SECONDS = 2
const MAX_WAIT_SECONDS = 10

function atLeastOf(header: string | string[] | undefined): Position[] {
  if (header === undefined) return []
  const positions = parsePositions(String(header).replaceAll(/\s/g, ''))
  if (positions) return positions
  throw new ProblemError(
    'invalid_request',
    'the header At-Least must look like 0:1842, or 0:91,3:1842 for several partitions',
  )
}
