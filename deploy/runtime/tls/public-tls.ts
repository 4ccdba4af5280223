import { constants, X509Certificate } from 'node:crypto'
import { createServer, type Server } from 'node:https'
import { isIP } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import { refusalNotes } from './refusal-notes.ts'
import { openTlsFiles, type TlsFiles, type TlsFilesOptions, type TlsMaterial } from './tls-files.ts'

/** Whether callers are asked for a certificate of their own: those that have one may show it, or all must. */
export type AskedForCertificate = 'none' | 'ask' | 'require'

/** TLS 1.2 and 1.3 with people, browsers and their programs. */
export type PublicTls = {
  /** New connections see new certificates. */
  readonly server: (handler: Parameters<typeof createServer>[1]) => Server
  readonly trouble: TlsFiles['trouble']
  /** When the certificate in use ends, in ms since 1970. */
  readonly endsAtMs: () => number
  readonly close: () => void
}

export type PublicTlsOptions = Pick<TlsFilesOptions, 'lookEveryMs'> & {
  readonly paths: TlsFilesOptions['paths']
  readonly clients: AskedForCertificate
  /** By which people come: a name or an address, which the certificate should have. */
  readonly host: string
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn'>
}

const HANDSHAKE_WITHIN_MS = 5_000
/** Those that keep a secret for ever and check what they encrypt, as Mozilla's intermediate list has them. */
const ciphers = [
  ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
  ...['ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
].join(':')

/** Throws ConfigError where the files do not fit together. */
export async function openPublicTls({ clients, host, ...options }: PublicTlsOptions): Promise<PublicTls> {
  const files = await openTlsFiles({ ...options, service: undefined, setting: 'PUBLIC_TLS_CERT_FILE' })
  const noteRefused = refusalNotes(options.log, options.clock)
  return {
    server(handler) {
      const asked = { requestCert: clients !== 'none', rejectUnauthorized: clients === 'require' }
      const own = { handshakeTimeout: HANDSHAKE_WITHIN_MS, requireHostHeader: false }
      const server = createServer({ ...contextOf(files.current(), clients), ...asked, ...own }, handler)
      files.onChange((material) => server.setSecureContext(contextOf(material, clients)))
      // Node would hand it to whoever answers what is no HTTP, on a connection that cannot carry an answer.
      server.removeAllListeners('tlsClientError')
      server.on('tlsClientError', (error, socket) => {
        noteRefused(error, socket.remoteAddress)
        socket.destroy()
      })
      return server
    },
    trouble: () => files.trouble() ?? notOf(host, files.current()),
    endsAtMs: () => files.current().endsAtMs,
    close: files.close,
  }
}

/** A proxy that looks at no names may stand before it; so nothing is refused. */
function notOf(host: string, { cert }: TlsMaterial): string | undefined {
  const certificate = new X509Certificate(cert)
  const bare = host.replace(/^\[|\]$/g, '')
  const isOf = isIP(bare) ? certificate.checkIP(bare) : certificate.checkHost(bare)
  if (isOf !== undefined) return undefined
  return `the certificate of the gateway's port is not of ${host}, the host of PUBLIC_URL: browsers refuse it`
}

function contextOf({ cert, key, ca }: TlsMaterial, clients: AskedForCertificate): SecureContextOptions {
  return {
    ...{ cert, key, minVersion: 'TLSv1.2', ciphers, honorCipherOrder: true },
    ...(ca === '' ? {} : { ca }),
    // A session that is gone on with shows no certificate anew, though it may have ended.
    ...(clients === 'none' ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
  }
}
