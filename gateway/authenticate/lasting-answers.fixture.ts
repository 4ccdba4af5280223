import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import type { TestContext } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import type { FastifyInstance } from 'fastify'
import type { createBrowser } from '../gateway-under-test.ts'

export const lasting = ['/v1/account-events', '/v1/payments.csv']

/** A service whose answers at `lasting` never end by themselves. */
export function addLastingAnswers(service: FastifyInstance): void {
  async function* lines() {
    for (;;) {
      yield 'data: {}\n\n'
      await systemClock.sleep(50)
    }
  }
  for (const path of lasting) service.get(path, (_request, reply) => reply.send(Readable.from(lines())))
}

/** Begins to read, and says later how that ended. */
export async function beginReading(
  context: TestContext,
  browser: ReturnType<typeof createBrowser>,
  url: string,
): Promise<() => 'open' | 'whole' | 'broken off'> {
  const gone = new AbortController()
  context.after(() => gone.abort())
  const answer = await browser.go(url, { signal: gone.signal })
  assert.equal(answer.status, 200)
  const reader = answer.body?.getReader()
  assert.ok(reader)
  await reader.read()
  let end: 'open' | 'whole' | 'broken off' = 'open'
  const readOn = async () => {
    while (!(await reader.read()).done);
    return 'whole' as const
  }
  void readOn()
    .catch(() => 'broken off' as const)
    .then((how) => {
      end = how
    })
  return () => end
}
