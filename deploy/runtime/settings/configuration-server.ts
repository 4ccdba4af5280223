import { z } from 'zod'
import { type BackOff, backOff } from '../back-off.ts'
import type { Clock } from '../clock.ts'
import { type Given, inOrder, type Wanted } from './given.ts'
import { fromProperties } from './properties.ts'
import { MOST_BYTES } from './read-bounded.ts'

/** Where a service asks: `GET <url>/<service>/<profile>`, with the user and password of the URL, if it has any. */
export type ServerAddress = { readonly url: URL; readonly service: string; readonly profile: string }

/** What a server of Spring Cloud Config's protocol answers: of several sources the first counts most. */
export const Answer = z.object({
  version: z.string().nullish(),
  propertySources: z.array(z.object({ name: z.string(), source: z.record(z.string(), z.unknown()) })),
})
export type Answer = z.infer<typeof Answer>

export class NoAnswerError extends Error {}

const ANSWERS_WITHIN_MS = 3_000
const TRIES = 3
const BETWEEN_TRIES: BackOff = { firstMs: 200, mostMs: 1_000 }

/** Asks up to three times, 12 s at most. Throws NoAnswerError, which says nothing of a password. */
export async function askServer(address: ServerAddress, clock: Clock, tries = TRIES): Promise<Answer> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await askOnce(address, clock)
    } catch (error) {
      if (!(error instanceof NoAnswerError) || failures >= tries) throw error
      await clock.sleep(backOff(failures, BETWEEN_TRIES))
    }
  }
}

async function askOnce({ url, service, profile }: ServerAddress, clock: Clock): Promise<Answer> {
  const { username, password, origin, pathname } = url
  // Commas part several profiles.
  const path = [service, profile].map((part) => encodeURIComponent(part).replaceAll('%2C', ',')).join('/')
  const login = [username, password].map(decodeURIComponent).join(':')
  const authorization = username === '' ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }
  const signal = clock.deadline(ANSWERS_WITHIN_MS)
  const headers = { accept: 'application/json', ...authorization }
  const target = `${origin}${pathname.replace(/\/+$/, '')}/${path}`
  const answer = await fetch(target, { headers, signal, redirect: 'error' }).catch((cause: unknown) => {
    throw new NoAnswerError(
      signal.aborted ? `no answer within ${ANSWERS_WITHIN_MS} ms` : `no answer (${codeOf(cause)})`,
    )
  })
  if (answer.status !== 200) {
    await answer.body?.cancel()
    throw new NoAnswerError(`it answers ${answer.status}`)
  }
  const text = await boundedText(answer)
  try {
    return Answer.parse(JSON.parse(text))
  } catch {
    throw new NoAnswerError('it answers in a form that is not that of Spring Cloud Config')
  }
}

async function boundedText(answer: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const part of answer.body ?? []) {
      bytes += part.byteLength
      if (bytes > MOST_BYTES) throw new NoAnswerError(`its answer has more than ${MOST_BYTES} bytes`)
      parts.push(part)
    }
  } catch (error) {
    throw error instanceof NoAnswerError ? error : new NoAnswerError('its answer broke off')
  }
  return Buffer.concat(parts).toString('utf8')
}

function codeOf(error: unknown): string {
  const { cause } = error instanceof Error ? error : {}
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'its connection failed'
}

export function fromAnswer({ propertySources }: Answer, { url }: ServerAddress, wanted: Wanted): Given {
  const sources = propertySources.map(({ name, source }) =>
    fromProperties(source, wanted, `CONFIG_URL ${url.origin}, ${name}`),
  )
  return inOrder(sources)
}
