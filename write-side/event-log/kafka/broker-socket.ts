import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '@micropay/runtime/clock'
import type { ISocketFactory } from 'kafkajs'
import { type Answers, readAnswers } from './answers.ts'
import type { KafkaSecurity } from './security.ts'

/**
 * Makes the sockets of kafkajs, which trusts them and needs three guards:
 *
 * - kafkajs keeps the part of an answer that came before a connection broke, and reads on behind it in what the next
 *   connection brings, which ends the process; so it gets an answer whole or not at all.
 * - kafkajs keeps a connection that has lost a request or an answer without a word; so one that is silent breaks.
 * - kafkajs takes leave and then waits for the broker to do so too; so a socket that is left is closed at once.
 */
export function brokerSockets(clock: Clock, silentMs: number, security?: KafkaSecurity): ISocketFactory {
  return ({ host, port, onConnect }) => {
    const socket = openBrokerSocket({ host, port }, silentMs, clock, security)
    socket.on(security ? 'secureConnect' : 'connect', onConnect)
    return socket
  }
}

export type BrokerAddress = { readonly host: string; readonly port: number }

/**
 * A socket whose every write is a request, and whose every `data` a whole answer, with its size in front. One that owes
 * an answer, and brings no byte for `silentMs` (3 s for the first one), breaks with an error that all who wait for it
 * get. An answer that comes slowly is waited for.
 */
export function openBrokerSocket(
  { host, port }: BrokerAddress,
  silentMs: number,
  clock: Clock,
  security?: KafkaSecurity,
): Socket {
  let owed = 0
  let quietMs = 0
  let patienceMs = Math.min(FIRST_WORD_MS, silentMs)
  const answers: Answers = readAnswers((answer) => {
    owed -= 1
    socket.emit('data', answer)
  })
  const received = (bytes: number) => {
    quietMs = 0
    patienceMs = silentMs
    const broken = answers.received(bytes)
    if (broken) socket.destroy(broken)
    return !broken
  }
  const onread = { buffer: answers.space, callback: received }
  // Its name is in the certificate: what else listens there is told nothing.
  const name = isIP(host) ? {} : { servername: host }
  const secured = security && { ...security.tls(), ...name, ...{ rejectUnauthorized: true, host, port, onread } }
  const socket: Socket = secured ? connectTls(secured) : connect({ host, port, onread })
  socket.setKeepAlive(true, KEEP_ALIVE_MS)
  const write = socket.write.bind(socket)
  socket.write = (request: string | Uint8Array) => {
    if (owed === 0) quietMs = 0
    owed += 1
    return write(request)
  }
  socket.end = () => socket.destroy()
  // Counted, not measured: a process that stood still itself has not read yet what came meanwhile.
  const watch = clock.every(CHECK_MS, () => {
    if (owed > 0) quietMs += CHECK_MS
    if (quietMs > patienceMs) socket.destroy(new Error(`${host}:${port} owes an answer and is silent`))
  })
  socket.on('close', () => watch.cancel())
  return socket
}

const CHECK_MS = 500
/** A broker that stands still takes connections all the same: others are there, and one of them may be asked. */
const FIRST_WORD_MS = 3_000
/** A connection that is not used is asked for a sign of life by the system. */
const KEEP_ALIVE_MS = 10_000
