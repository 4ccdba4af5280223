import type { FastifyReply } from 'fastify'
import { isAway, type KeepAnswers } from '../keep/keep-answers.ts'
import { changesStanding } from '../keep/standing-commands.ts'
import type { Route } from '../routes.ts'
import { type Addressing, requestsFor } from './addressing.ts'
import type { Ask } from './ask.ts'
import type { createDownloads } from './downloads.ts'
import { answerHeaders } from './headers.ts'
import type { LaneName } from './lanes.ts'
import { isShort, type Seen, sendSmall } from './send-small.ts'

export type SmallOptions = {
  readonly ask: Ask
  readonly to: Addressing
  readonly downloads: Pick<ReturnType<typeof createDownloads>, 'begin'>
  readonly kept: KeepAnswers
}

/**
 * Passes on what is small both ways. A read whose service is away is answered with what its caller was told before, if
 * that is kept; what is kept hears of a command that freezes something before its sender does.
 */
export function createSmall({ ask, to, downloads, kept }: SmallOptions) {
  return async (route: Route, lane: LaneName, reply: FastifyReply): Promise<FastifyReply> => {
    const { request } = reply
    const upstream = to.upstreamOf(route, request)
    const asked = { upstream, lane, reply, requests: requestsFor(upstream, lane, request) }
    const body = Buffer.isBuffer(request.body) ? request.body : null
    const keeping = kept.begin(route, request)
    const recent = keeping?.recent(reply)
    if (recent) return recent
    const isFreeze = changesStanding(route)
    const seen: Seen = (answer, whole) =>
      isFreeze
        ? kept.freezes.answered(request, answer, whole)
        : keeping?.note({ statusCode: answer.statusCode, headers: answerHeaders(answer.headers) }, whole)
    const instead = (reason: string) => {
      const sent = keeping?.instead(reply, reason)
      if (sent) upstream.kept.add(1)
      return sent
    }
    try {
      const answer = await ask(asked, () => to.optionsOf(request, upstream, body))
      const sent = answer.statusCode === 503 ? instead('answered_503') : undefined
      if (sent) return answer.body.dump().then(() => sent)
      if (!isShort(answer)) {
        downloads.begin(reply)
        // Sent on as it comes; of a freeze its headers are enough.
        if (isFreeze) await kept.freezes.answered(request, answer, Buffer.alloc(0))
      }
      return await sendSmall(answer, upstream, request, reply, seen)
    } catch (error) {
      if (isFreeze) await kept.freezes.failed(request, error)
      const sent = isAway(error) ? instead(error.code) : undefined
      if (sent) return sent
      throw error
    }
  }
}
