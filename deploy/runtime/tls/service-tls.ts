import { constants } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import { type SecureContextOptions, TLSSocket } from 'node:tls'
import { Agent, type buildConnector, fetch } from 'undici'
import { mayCall, type TlsService } from './callers.ts'
import { connectorTo, NO_CONNECTION } from './connector.ts'
import { refusalNotes } from './refusal-notes.ts'
import { serviceNamed } from './spiffe.ts'
import { openTlsFiles, type TlsFiles, type TlsFilesOptions, type TlsMaterial, type TlsPaths } from './tls-files.ts'

/** Mutual TLS 1.3 of one service: as who is called, and as who calls. */
export type ServiceTls = {
  /** It speaks with holders of a certificate of the authority alone. New connections see new certificates. */
  readonly server: (handler: Parameters<typeof createServer>[1]) => Server
  /** Who called on a connection of that server. */
  readonly callerOn: (socket: Socket) => TlsCaller
  /** For undici: each connection is made with the newest certificate, and only to that service. */
  readonly connectTo: (service: string, timeoutMs: number) => buildConnector.connector
  /** Like fetch, and reaches that service alone. */
  readonly fetchFrom: (service: string) => typeof globalThis.fetch
  readonly trouble: TlsFiles['trouble']
  /** When the certificate in use ends, in ms since 1970. */
  readonly endsAtMs: () => number
  readonly close: () => void
}

export type TlsCaller = {
  /** Undefined where the certificate names no service of ours. */
  readonly service: string | undefined
  readonly isAllowed: boolean
  /** Its certificate ended while the connection was open: an answer is then the last one on it. */
  readonly hasEnded: boolean
}

export type ServiceTlsOptions = Omit<TlsFilesOptions, 'paths'> & {
  readonly service: TlsService
  readonly paths: TlsPaths
}

const HANDSHAKE_WITHIN_MS = 5_000
const CONNECT_WITHIN_MS = 2_000

/** Throws ConfigError where the files do not fit together, or are those of another service. */
export async function openServiceTls(options: ServiceTlsOptions): Promise<ServiceTls> {
  const { service, clock, log } = options
  const files = await openTlsFiles(options)
  const noteRefused = refusalNotes(log, clock)
  const seen = new WeakMap<Socket, { readonly service: string | undefined; readonly endsAtMs: number }>()
  const connectTo = (to: string, timeoutMs: number) =>
    onlyByTls(connectorTo(() => ({ ...identityOf(files.current()), timeout: timeoutMs, ...only(to) })))
  return {
    server(handler) {
      const handshake = { requestCert: true, rejectUnauthorized: true, handshakeTimeout: HANDSHAKE_WITHIN_MS }
      const server = createServer({ ...identityOf(files.current()), ...handshake }, handler)
      files.onChange((material) => server.setSecureContext(identityOf(material)))
      // Node would hand it to whoever answers what is no HTTP, on a connection that cannot carry an answer.
      server.removeAllListeners('tlsClientError')
      server.on('tlsClientError', (error, socket) => {
        noteRefused(error, socket.remoteAddress)
        socket.destroy()
      })
      return server
    },
    callerOn(socket) {
      const known = seen.get(socket) ?? peerOf(socket)
      seen.set(socket, known)
      const { service: caller, endsAtMs } = known
      return { service: caller, isAllowed: mayCall(caller, service), hasEnded: endsAtMs < clock.nowMs() }
    },
    connectTo,
    fetchFrom(to) {
      const dispatcher = new Agent({ connect: connectTo(to, CONNECT_WITHIN_MS) })
      return fetchBy(dispatcher)
    },
    trouble: files.trouble,
    endsAtMs: () => files.current().endsAtMs,
    close: files.close,
  }
}

/** Nothing of a session is kept: one that is gone on with would not be looked at again, were its certificate over. */
function identityOf({ cert, key, ca }: TlsMaterial): SecureContextOptions {
  return { cert, key, ca, minVersion: 'TLSv1.3', secureOptions: constants.SSL_OP_NO_TICKET }
}

/** Who it is stands in its certificate, whatever the name or the address by which it is reached. */
function only(service: string): buildConnector.BuildOptions {
  return {
    rejectUnauthorized: true,
    checkServerIdentity(_host, { subjectaltname }) {
      const named = serviceNamed(subjectaltname)
      if (named === service) return undefined
      return new Error(`${named ?? 'a holder of a certificate that names no service'} answers in place of ${service}`)
    },
  }
}

/** A directory, or a setting, may name an address of http: nothing is sent there in plain text. */
function onlyByTls(connect: buildConnector.connector): buildConnector.connector {
  return (to, callback) => {
    if (to.protocol === 'https:') return connect(to, callback)
    const reason = `${to.hostname}:${to.port} is to be reached by https, as all services that have certificates`
    callback(Object.assign(new Error(reason), { code: NO_CONNECTION }), null)
  }
}

function peerOf(socket: Socket) {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  if (!certificate) return { service: undefined, endsAtMs: 0 }
  return { service: serviceNamed(certificate.subjectAltName), endsAtMs: certificate.validToDate.getTime() }
}

/** undici's own types and those of the global fetch are two names of the same shapes. */
function fetchBy(dispatcher: Agent): typeof globalThis.fetch {
  const ask: unknown = (url: string, init: object) => fetch(url, { ...init, dispatcher })
  return ask as typeof globalThis.fetch
}
