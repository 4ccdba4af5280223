import { createHash } from 'node:crypto'

/** In which header a service is told by which certificate its caller came to the gateway (RFC 9440). */
export const CLIENT_CERT = 'client-cert'

/** That header of a certificate in DER: a byte sequence (RFC 8941, 3.3.5). */
export function clientCertHeader(der: Uint8Array): string {
  return `:${Buffer.from(der).toString('base64')}:`
}

/**
 * As what a token names the certificate that it is bound to, `x5t#S256` (RFC 8705, 3.1): SHA-256 over its DER, in
 * base64url. Undefined where the header holds none, or more than one.
 */
export function thumbprintIn(header: string | string[] | undefined): string | undefined {
  const base64 = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(header?.toString() ?? '')?.[1]
  return base64 && createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64url')
}
