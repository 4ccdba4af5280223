import type { OtherToken } from '@micropay/local/issuer/other-tokens.fixture'
import { systemClock } from '@micropay/runtime/clock'
import type { Person } from './people.ts'

export type Asked = {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly body?: unknown
  readonly contentType?: string
}
export type Answered = {
  readonly status: number
  readonly headers: Headers
  /** What came of an endless answer in its first moment. */
  readonly text: string
}
export type Ask = (person: Person, asked: Asked, atLeast?: string) => Promise<Answered>

const BOUND_MS = 30_000
const ENDLESS_MS = 300

/** Asks a running product as one person or another, each command with a key of its own. */
export function askOf(url: string, sign: (token: OtherToken) => Promise<string>): Ask {
  const tokens = new Map<Person, Promise<string>>()
  const tokenOf = (person: Person, token: OtherToken) => {
    const known = tokens.get(person) ?? sign(token)
    tokens.set(person, known)
    return known
  }
  return async (person, { method, path, body, contentType = 'application/json' }, atLeast) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      signal: systemClock.deadline(BOUND_MS),
      headers: {
        ...(person.token ? { authorization: `Bearer ${await tokenOf(person, person.token)}` } : {}),
        ...(method === 'POST' ? { 'idempotency-key': systemClock.randomId(), 'content-type': contentType } : {}),
        ...(atLeast === undefined ? {} : { 'at-least': atLeast, prefer: 'wait=10' }),
      },
      ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body ?? {}) } : {}),
    })
    const isEndless = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false
    return { status: answer.status, headers: answer.headers, text: await (isEndless ? begun(answer) : answer.text()) }
  }
}

async function begun(answer: Response): Promise<string> {
  const reader = answer.body?.getReader()
  if (!reader) return ''
  let text = ''
  const over = systemClock.sleep(ENDLESS_MS).then(() => undefined)
  for (;;) {
    const part = await Promise.race([reader.read(), over])
    if (part === undefined || part.done) break
    text += Buffer.from(part.value).toString('utf8')
  }
  await reader.cancel()
  return text
}
