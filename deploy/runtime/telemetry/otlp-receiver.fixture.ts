import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type ReceivedSpan, spansIn } from './otlp-messages.fixture.ts'

/** A receiver of OTLP over HTTP, as https://opentelemetry.io/docs/specs/otlp/#otlphttp has it. */
export type OtlpReceiver = {
  readonly url: string
  readonly spans: ReceivedSpan[]
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[]
  /** With what it answers from here on; `undefined` for never. */
  answer: number | undefined
  /** Resolves with the spans once `isThere` says so. */
  until(isThere: (spans: readonly ReceivedSpan[]) => boolean): Promise<readonly ReceivedSpan[]>
  close(): Promise<void>
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  let arrived = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    const bytes = await buffer(request)
    receiver.requests.push({ path: request.url ?? '', headers: request.headers })
    if (receiver.answer === 200) receiver.spans.push(...spansIn(bytes))
    if (receiver.answer !== undefined) {
      response.writeHead(receiver.answer, { 'content-type': 'application/x-protobuf' }).end()
    }
    arrived.resolve()
    arrived = Promise.withResolvers<void>()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${port}`,
    spans: [],
    requests: [],
    answer: 200,
    async until(isThere) {
      while (!isThere(receiver.spans)) await arrived.promise
      return receiver.spans
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return receiver
}
