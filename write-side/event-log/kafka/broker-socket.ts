import { connect, type Socket } from 'node:net'
import type { Clock } from '@micropay/runtime/clock'
import type { ISocketFactory } from 'kafkajs'
import { type Answers, readAnswers } from './answers.ts'

/**
 * Makes the sockets of kafkajs, which trusts them and needs three guards:
 *
 * - kafkajs keeps the part of an answer that came before a connection broke, and reads on behind it in what the next
 *   connection brings, which ends the process; so it gets an answer whole or not at all.
 * - kafkajs keeps a connection that has lost a request or an answer without a word; so one that is silent breaks.
 * - kafkajs takes leave and then waits for the broker to do so too; so a socket that is left is closed at once.
 */
export function brokerSockets(clock: Clock, silentMs: number): ISocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    if (ssl) throw new Error('the event log speaks to Kafka over plain TCP alone')
    const socket = openBrokerSocket({ host, port }, silentMs, clock)
    socket.on('connect', onConnect)
    return socket
  }
}

export type BrokerAddress = { readonly host: string; readonly port: number }

/**
 * A socket whose every write is a request, and whose every `data` a whole answer, with its size in front. One that owes
 * an answer, and brings no byte for `silentMs` (3 s for the first one), breaks with an error that all who wait for it
 * get. An answer that comes slowly is waited for.
 */
export function openBrokerSocket({ host, port }: BrokerAddress, silentMs: number, clock: Clock): Socket {
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
  const socket = connect({ host, port, onread: { buffer: answers.space, callback: received } })
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
