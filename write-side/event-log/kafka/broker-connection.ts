import type { Clock } from '@micropay/runtime/clock'
import apiVersionsRequest from 'kafkajs/src/protocol/requests/apiVersions/v0/request.js'
import apiVersionsResponse from 'kafkajs/src/protocol/requests/apiVersions/v0/response.js'
import { LogError } from '../event-log.ts'
import { type BrokerAddress, openBrokerSocket } from './broker-socket.ts'
import { logIn } from './log-in.ts'
import type { KafkaSecurity } from './security.ts'

/** One connection to one broker, for one request at a time. Once something failed on it, it is closed. */
export type BrokerConnection = {
  /** The answer to a request, behind its header. Throws what went wrong with the connection, which is over then. */
  ask(request: BrokerRequest): Promise<Buffer>
  /** A broker that throttles asks for so long a pause in front of the next request. */
  rest(durationMs: number): void
  isOver(): boolean
  /** At once: what is asked fails. */
  close(): void
}

/** As kafkajs makes them. https://kafka.apache.org/protocol#protocol_messages */
export type BrokerRequest = {
  readonly apiKey: number
  readonly apiVersion: number
  readonly encode: () => Promise<{ readonly buffer: Buffer }>
}

export type ConnectionOptions = {
  readonly clock: Clock
  /** A connection breaks that owes an answer and brings nothing for so long. */
  readonly silentMs: number
  /** A request fails, and its connection with it, that was not answered whole by then. */
  readonly answerMs: number
  readonly security?: KafkaSecurity | undefined
  /** Holds each connection from its beginning, before it is known whether a broker is there, to its end. */
  readonly all: Set<BrokerConnection>
}

/** Throws where nothing listens, or stands still, or is no broker that can do what is asked of it. */
export async function openBrokerConnection(
  address: BrokerAddress,
  options: ConnectionOptions,
): Promise<BrokerConnection> {
  const connection = connect(address, options)
  try {
    const { apiVersions } = await apiVersionsResponse.decode(await connection.ask(apiVersionsRequest()))
    for (const [apiKey, version] of spoken) {
      const there = apiVersions.find((each) => each.apiKey === apiKey)
      if (there && there.minVersion <= version && version <= there.maxVersion) continue
      const reason = `${address.host}:${address.port} does not speak version ${version} of Kafka's request ${apiKey}`
      throw new LogError('log_mismatch', `${reason}: brokers of Kafka 2.3 and later do`)
    }
    const { login } = options.security ?? {}
    if (login) await logIn(connection, `${address.host}:${address.port}`, login)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Produce, Fetch, ListOffsets and Metadata, in the versions that are asked here. */
const spoken = [
  [0, 7],
  [1, 11],
  [2, 2],
  [3, 5],
] as const

type Asked = {
  readonly id: number
  readonly resolve: (payload: Buffer) => void
  readonly reject: (cause: Error) => void
}

function connect(
  address: BrokerAddress,
  { clock, silentMs, answerMs, all, security }: ConnectionOptions,
): BrokerConnection {
  const socket = openBrokerSocket(address, silentMs, clock, security)
  const over = new AbortController()
  let failure: Error | undefined
  let asked: Asked | undefined
  let asks = 0
  let restUntilMs = 0

  const fail = (cause: Error) => {
    failure ??= cause
    over.abort()
    all.delete(connection)
    socket.destroy()
    asked?.reject(failure)
    asked = undefined
  }
  const name = `${address.host}:${address.port}`
  socket.on('error', (cause: NodeJS.ErrnoException) =>
    fail(new Error(`the connection to ${name} failed: ${cause.message || cause.code}`, { cause })),
  )
  socket.on('close', () => fail(new Error(`${name} closed the connection`)))
  socket.on('data', (answer: Buffer) => {
    if (asked?.id !== answer.readInt32BE(ID_AT)) return fail(new Error(`${name} answered what was not asked`))
    const { resolve } = asked
    asked = undefined
    resolve(answer.subarray(ANSWER_AT))
  })
  const connection: BrokerConnection = {
    async ask(request) {
      const body = (await request.encode()).buffer
      const restMs = restUntilMs - clock.monotonicMs()
      if (restMs > 0) await clock.sleep(restMs, over.signal)
      if (failure) throw failure
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
      asks = (asks + 1) % MOST_ASKS
      asked = { id: asks, resolve, reject }
      const timer = clock.timer(answerMs, () => fail(new Error(`${name} gave no whole answer within ${answerMs} ms`)))
      socket.write(encode(request, asks, body))
      return promise.finally(() => timer.cancel())
    },
    rest(durationMs) {
      restUntilMs = clock.monotonicMs() + Math.min(durationMs, MOST_REST_MS)
    },
    isOver: () => failure !== undefined,
    close: () => fail(new Error('the connection was closed')),
  }
  all.add(connection)
  return connection
}

const ID_AT = 4
const ANSWER_AT = 8
const MOST_ASKS = 2 ** 31
const MOST_REST_MS = 30_000
const CLIENT = Buffer.from('micropay-event-log')

/** https://kafka.apache.org/protocol#protocol_messages: a size, and a request header of version 1. */
function encode({ apiKey, apiVersion }: BrokerRequest, id: number, body: Buffer): Buffer {
  const header = Buffer.allocUnsafe(14 + CLIENT.byteLength)
  header.writeInt32BE(header.byteLength - 4 + body.byteLength)
  header.writeInt16BE(apiKey, 4)
  header.writeInt16BE(apiVersion, 6)
  header.writeInt32BE(id, 8)
  header.writeInt16BE(CLIENT.byteLength, 12)
  CLIENT.copy(header, 14)
  return Buffer.concat([header, body])
}
