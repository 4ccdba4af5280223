import { preferencesOf } from '@micropay/runtime/prefer'
import type { FastifyRequest } from 'fastify'
import type { CommandRequest } from '../handle/command.ts'

/** So long a caller waits for what becomes of a payment across partitions, unless they say otherwise. */
export const USUAL_WAIT = { ms: 2_000 }
const MOST_WAIT_SECONDS = 30

/**
 * How long a caller waits, by `Prefer: wait=<seconds>` (RFC 7240): whoever says so waits until the payment is seen
 * everywhere.
 */
export function waitOf(request: FastifyRequest): CommandRequest['wait'] {
  const seconds = preferencesOf(request.headers.prefer).get('wait')
  if (seconds === undefined || !/^[0-9]{1,6}$/.test(seconds)) return USUAL_WAIT
  return { ms: Math.min(Number(seconds), MOST_WAIT_SECONDS) * 1_000, toTheEnd: true }
}
