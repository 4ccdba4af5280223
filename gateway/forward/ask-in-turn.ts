import type { Dispatcher } from 'undici'
import { codeOf, noAnswerCodes, notReachedCodes } from './no-answer.ts'
import type { Workers } from './workers.ts'

export type Requests = {
  request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>
}

/**
 * Asks one worker after the other. Who was not reached got nothing of it. Who broke off may have done it: another one
 * is asked only what stands under a key, which is done once; that nobody decides it is no answer then.
 */
export function askInTurn(workers: Workers, partition: number | undefined): Requests {
  return {
    async request(options) {
      let failure: unknown
      let notReached: unknown
      for (const worker of workers.inOrder(partition)) {
        try {
          const answer = await worker.request(options)
          if (!isEnding(answer)) {
            if (failure === undefined || answer.statusCode < 500) return answer
            await answer.body.dump()
            throw failure
          }
          // It began nothing of it.
          workers.avoid(worker)
          if (!isSentAgain(options)) return answer
          await answer.body.dump()
        } catch (error) {
          const code = codeOf(error)
          if (error === failure || !noAnswerCodes.has(code)) throw error
          workers.avoid(worker)
          if (!isSentAgain(options)) throw error
          const isReached = !notReachedCodes.has(code)
          if (isReached && !hasKey(options)) throw error
          if (isReached) failure ??= error
          notReached = error
        }
      }
      throw failure ?? notReached
    },
  }
}

/** A body that flows is gone with the first who was asked. */
function isSentAgain({ body }: Dispatcher.RequestOptions): boolean {
  return body === null || body === undefined || Buffer.isBuffer(body)
}

function hasKey({ headers }: Dispatcher.RequestOptions): boolean {
  return headers !== null && typeof headers === 'object' && 'idempotency-key' in headers
}

function isEnding({ statusCode, headers }: Dispatcher.ResponseData): boolean {
  return statusCode === 503 && headers.connection === 'close'
}
