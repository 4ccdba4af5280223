import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Ends } from '../share/shared-memory.ts'
import type { AtIssuer } from './identity-provider.ts'

/**
 * What a session can be ended by: names under which an end may stand in the set of ended sessions. It is over where one
 * of them does, with that time or a later one.
 */
export type Marks = ReadonlyMap<string, number>

/**
 * An end of all that a person had begun until then stands in the set with that moment and so much more, which is the
 * longest that SESSION_HOURS may be: so the moment can be read from it, and whoever signs in afterwards is not meant.
 */
const LONGEST_SESSION_MS = 168 * 3_600_000

/** So many sign-outs of a person are remembered one by one. */
const MOST_OF_PERSON = 100
const MOST_PERSONS = 10_000

type Marked = {
  readonly csrfToken: string
  readonly subject: string
  readonly startedAtMs: number
  readonly atIssuer?: AtIssuer | undefined
}

export function marksOf({ csrfToken, subject, startedAtMs, atIssuer }: Marked): Marks {
  const person = atIssuer?.subject ?? subject
  const fromMs = (atIssuer ? atIssuer.issuedAtSeconds * 1000 : startedAtMs) + LONGEST_SESSION_MS
  const named =
    atIssuer?.sid === undefined ? ([ofUnnamed(person), fromMs] as const) : ([ofSid(atIssuer.sid), 0] as const)
  return new Map([[csrfToken, 0], [ofPerson(person), fromMs], named])
}

/**
 * What stands for a session that a person signs out of: its own name until it ends, or, from the hundredth of a person
 * on, that person's moment, which ends what they began before it too. So nobody fills the set by signing in and out,
 * until the ends of others are forgotten.
 */
export function createSignOuts() {
  const times = new LRUCache<string, number>({ max: MOST_PERSONS, ttl: LONGEST_SESSION_MS })
  return (session: Marked & { readonly endsAtMs: number }): Ends => {
    const person = ofPerson(session.atIssuer?.subject ?? session.subject)
    const before = times.get(person) ?? 0
    times.set(person, before + 1)
    if (before < MOST_OF_PERSON) return new Map([[session.csrfToken, session.endsAtMs]])
    return new Map([...marksOf(session)].filter(([mark]) => mark === person))
  }
}

/** What the issuer ends: one session, or all of a person. */
export type Logout = {
  readonly sid: string | undefined
  readonly subject: string | undefined
  readonly issuedAtSeconds: number
}

/** `longestMs` from now there is no session any more that has begun. */
export function endsOf({ sid, subject, issuedAtSeconds }: Logout, nowMs: number, longestMs: number): Ends {
  const untilMs = issuedAtSeconds * 1000 + LONGEST_SESSION_MS
  if (sid === undefined) return new Map(subject === undefined ? [] : [[ofPerson(subject), untilMs]])
  // A session whose `sid` was never told could be the one that is meant.
  const unnamed = subject === undefined ? [] : [[ofUnnamed(subject), untilMs] as const]
  return new Map([[ofSid(sid), nowMs + longestMs], ...unnamed])
}

const ofSid = (sid: string) => `sid:${hashOf(sid)}`
const ofPerson = (subject: string) => `sub:${hashOf(subject)}`
const ofUnnamed = (subject: string) => `sub-without-sid:${hashOf(subject)}`

/** Of one length, whatever an issuer names things, and none of its names stands in Redis. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
