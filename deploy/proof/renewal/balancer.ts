import { systemClock } from '@micropay/runtime/clock'

/** What a caller asks for; a POST has its key. */
export type Asked = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}
export type Answered = {
  readonly status: number
  readonly body: unknown
  readonly position: string | undefined
  /** Of a command: whether it was answered from the ledger, since it had been asked before. */
  readonly isReplayed: boolean
  readonly setCookies: readonly string[]
  readonly tookMs: number
  /** How often another gateway had to be asked. */
  readonly askedAgain: number
}

export type Balancer = { ask(asked: Asked): Promise<Answered> }

const attempts = 6
const pauseMs = 20

/**
 * Spreads requests over gateways as a balancer does that knows no more than HTTP: where one refuses the connection,
 * hangs up before it answers, or says 503 with `Connection: close`, the next one is asked. It looks at no health, which
 * would only spare it some of that. What no gateway answers has the status 0.
 */
export function createBalancer(urls: readonly string[]): Balancer {
  let next = 0
  return {
    async ask(asked) {
      const startedAtMs = systemClock.monotonicMs()
      next += 1
      const first = next
      for (let askedAgain = 0; ; askedAgain += 1) {
        // Others are asked meanwhile: counted with them, it could be the same one again.
        const answer = await askOnce(`${urls[(first + askedAgain) % urls.length]}${asked.path}`, asked)
        const isLeft = answer.status === 0 || (answer.status === 503 && answer.isLast)
        if (isLeft && askedAgain < attempts) {
          await systemClock.sleep(pauseMs)
          continue
        }
        return { ...answer, askedAgain, tookMs: systemClock.monotonicMs() - startedAtMs }
      }
    },
  }
}

async function askOnce(url: string, { method, headers, body }: Asked) {
  try {
    const answer = await fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    })
    const told: unknown = await answer.json()
    const isLast = answer.headers.get('connection') === 'close'
    const { headers: said, status } = answer
    const isReplayed = said.get('idempotent-replayed') === 'true'
    const setCookies = said.getSetCookie()
    return { status, body: told, position: said.get('position') ?? undefined, isReplayed, setCookies, isLast }
  } catch (error) {
    return { status: 0, body: String(error), position: undefined, isReplayed: false, setCookies: [], isLast: false }
  }
}
