import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { ProblemError } from '@micropay/runtime/problem-error'
import { parsePositions } from '@micropay/schemas/position'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { isEnded } from '../authenticate/open-answers.ts'
import type { Marks } from '../authenticate/session-marks.ts'
import { callerKey } from '../limit/caller.ts'
import { isKeptFor, type Route } from '../routes.ts'
import type { Ends, SharedMemory } from '../share/shared-memory.ts'
import { createKeptAnswers, type KeptAnswer, type KeptAnswers, type Name } from './kept-answers.ts'
import { createStandingChanges, hasReached } from './standing-changes.ts'
import { createStandingCommands } from './standing-commands.ts'

/** As it goes to the caller. */
type Answer = { readonly statusCode: number; readonly headers: KeptAnswer['headers'] }

/** One request for something that may be kept. */
export type Keeping = {
  /** Its service answered so, with this body. */
  note(answer: Answer, body: Buffer): void
  /** Answers with what came just now and reflects all that is asked for; undefined where the service is to be asked. */
  recent(reply: FastifyReply): FastifyReply | undefined
  /** Answers with what is kept in place of a service that is away; undefined where there is nothing to give. */
  instead(reply: FastifyReply, reason: string): FastifyReply | undefined
}

export type KeepAnswers = ReturnType<typeof createKeepAnswers>

/**
 * While a service is away, its callers are told what they were told before, each what that caller was: nothing older
 * than `At-Least` asks, nor than a freeze in their tenant, nor after the session has ended, and for so long at most.
 * While gateways cannot tell each other of these, nothing is kept.
 */
export function createKeepAnswers(options: {
  readonly memory: SharedMemory
  readonly clock: Clock
  readonly log: Logger
  /** 0 keeps nothing. */
  readonly keptMs: number
  /** So old a balance may be that is told without asking for it, where it reflects what `At-Least` asks. */
  readonly balanceMs: number
  /** Calls back with the ids of sessions that have ended. */
  readonly onEnd: OnEnd
}) {
  const { memory, clock, keptMs, balanceMs } = options
  const answers = createKeptAnswers(clock)
  const standing = createStandingChanges(options)
  let asked = 0
  const isOver = dropWithSessions(answers, options.onEnd)
  // What the others said meanwhile was not heard.
  memory.onReach(() => answers.clear())

  function nameOf(request: FastifyRequest): Name {
    const { caller } = request
    asked += 1
    const of = callerKey(request)
    const leftMs = request.sessionMarks === undefined ? caller.expiresAt - clock.nowMs() : keptMs
    const forMs = Math.floor(Math.min(keptMs, leftMs))
    const key = `${of} ${[...caller.scopes].sort().join(' ')} ${request.url}`
    return { caller: of, tenant: caller.tenant, key, order: asked, session: request.sessionMarks, forMs }
  }

  function found(name: Name, request: FastifyRequest): KeptAnswer | undefined {
    if (memory.away()) return undefined
    const answer = answers.of(name.key)
    if (!answer || !standing.isShownAt(name.tenant, answer.position)) return undefined
    return isEnough(answer, request) ? answer : undefined
  }

  return {
    begin(route: Route, request: FastifyRequest): Keeping | undefined {
      if (keptMs === 0 || !isKeptFor(route, request.caller)) return undefined
      const name = nameOf(request)
      return {
        note(answer, body) {
          if (isRefusal(answer)) return answers.refuse(name)
          const position = positionOf(answer)
          if (!position || memory.away() || isOver(name.session) || !standing.isShownAt(name.tenant, position)) return
          const { headers } = answer
          answers.keep(name, { headers, body, position, atMs: clock.monotonicMs() })
        },
        recent(reply) {
          if (!route.isBalance || request.headers['at-least'] === undefined) return undefined
          const answer = found(name, request)
          if (!answer || clock.monotonicMs() - answer.atMs >= balanceMs) return undefined
          return send(reply, answer, clock, { 'cache-status': 'micropay; hit' })
        },
        instead(reply, reason) {
          const answer = found(name, request)
          if (!answer) return undefined
          return send(reply, answer, clock, { stale: 'true', 'cache-status': `micropay; hit; detail=${reason}` })
        },
      }
    },
    freezes: createStandingCommands(standing),
    bytes: answers.bytes,
    close: answers.close,
  }
}

/** So many ends are remembered for answers that are under way: those of the last minute, and many more. */
const MOST_ENDS = 5_000

/** Drops what an ended session was told, whoever ended it; says of a session whether it has ended. */
function dropWithSessions(answers: KeptAnswers, onEnd: OnEnd): (session: Marks | undefined) => boolean {
  const over = new LRUCache<string, number>({ max: MOST_ENDS })
  onEnd((ends) => {
    for (const [mark, untilMs] of ends) over.set(mark, Math.max(untilMs, over.get(mark) ?? 0))
    answers.dropSessions(ends)
  })
  return (session) => session !== undefined && isEnded(session, over)
}

type OnEnd = (listener: (ends: Ends) => void) => void

/** Whether it reflects what is asked for at least; what cannot be read is never. */
function isEnough({ position }: KeptAnswer, { headers }: FastifyRequest): boolean {
  const atLeast = headers['at-least']
  if (atLeast === undefined) return true
  const wanted = parsePositions(String(atLeast).replaceAll(/\s/g, ''))
  return wanted !== undefined && hasReached(position, wanted)
}

/** Only what is whole, of the ledger, and small. */
function positionOf({ statusCode, headers }: Answer) {
  const { position } = headers
  const isJson = /^application\/json/.test(String(headers['content-type'])) && headers['content-encoding'] === undefined
  return statusCode === 200 && isJson && typeof position === 'string' ? parsePositions(position) : undefined
}

/** That it was too much, or too slow, says nothing of what was asked for. */
function isRefusal({ statusCode }: Answer): boolean {
  return statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429
}

/** As old as it is by now, by RFC 9111; where it comes from is told by RFC 9211. */
function send(reply: FastifyReply, { headers, body, atMs }: KeptAnswer, clock: Clock, more: KeptAnswer['headers']) {
  const heldSeconds = (clock.monotonicMs() - atMs) / 1000
  const aged = (name: 'age' | 'behind') => (Number(headers[name]) || 0) + heldSeconds
  const age = { age: String(Math.ceil(aged('age'))), behind: aged('behind').toFixed(1) }
  return reply
    .code(200)
    .headers({ ...headers, ...age, ...more })
    .send(body)
}

/** The service did not say anything, or could not be asked. */
export function isAway(error: unknown): error is ProblemError {
  return error instanceof ProblemError && awayCodes.has(error.code)
}
const awayCodes: ReadonlySet<string> = new Set(['upstream_away', 'upstream_unreachable', 'upstream_unavailable'])
