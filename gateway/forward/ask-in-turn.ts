import type { Dispatcher } from 'undici'
import type { Instances, Requests } from './instances.ts'
import { codeOf, noAnswerCodes, notReachedCodes } from './no-answer.ts'

export type { Requests }

/**
 * Asks one instance after the other. Who was not reached got nothing of it. Who broke off may have done it: another one
 * is asked only what changes nothing, or what stands under a key, which is done once; that nobody decides that is no
 * answer then.
 */
export function askInTurn(instances: Instances, partition?: number): Requests {
  return {
    async request(options) {
      const order = instances.inOrder(partition)
      let failure: unknown
      let notReached: unknown
      for (const [index, instance] of order.entries()) {
        try {
          const answer = await instance.request(options)
          if (!isEnding(answer)) {
            if (failure === undefined || answer.statusCode < 500) return answer
            await answer.body.dump()
            throw failure
          }
          // It began nothing of it.
          instances.avoid(instance)
          const isLast = index === order.length - 1
          if (!isSentAgain(options) || (isLast && failure === undefined)) return answer
          await answer.body.dump()
        } catch (error) {
          const code = codeOf(error)
          if (error === failure || !noAnswerCodes.has(code)) throw error
          instances.avoid(instance)
          if (!isSentAgain(options)) throw error
          const isReached = !notReachedCodes.has(code)
          if (isReached && !isDoneOnce(options)) throw error
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

function isDoneOnce({ method, headers }: Dispatcher.RequestOptions): boolean {
  return method === 'GET' || (headers !== null && typeof headers === 'object' && 'idempotency-key' in headers)
}

function isEnding({ statusCode, headers }: Dispatcher.ResponseData): boolean {
  return statusCode === 503 && headers.connection === 'close'
}
