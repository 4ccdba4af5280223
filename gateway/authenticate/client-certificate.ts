import { BlockList, isIPv6, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { CLIENT_CERT, clientCertHeader } from '@micropay/runtime/client-certificate'
import type { FastifyRequest } from 'fastify'

type App = {
  addHook(name: 'onRequest', hook: (request: FastifyRequest) => Promise<void>): unknown
}

/**
 * Leaves `Client-Cert` on a request where the caller holds the key of that certificate, as a handshake has shown: with
 * the gateway itself, or with one of the proxies that end TLS before it. What anybody else says there is dropped. Who
 * issued the certificate is of no matter: what counts is that a token is bound to it (RFC 8705).
 */
export function takeClientCertificates(app: App, proxies: readonly string[] = []): void {
  const isProxy = listOf(proxies)
  const shown = new WeakMap<Socket, string | undefined>()
  app.addHook('onRequest', async ({ headers, raw: { socket } }) => {
    const told = headers[CLIENT_CERT]
    for (const name of [CLIENT_CERT, 'client-cert-chain']) delete headers[name]
    if (!shown.has(socket)) shown.set(socket, headerOn(socket))
    const taken = isProxy(socket.remoteAddress) ? told : shown.get(socket)
    if (taken !== undefined) headers[CLIENT_CERT] = taken
  })
}

function headerOn(socket: Socket): string | undefined {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  return certificate && clientCertHeader(certificate.raw)
}

function listOf(networks: readonly string[]) {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (address: string | undefined) =>
    address !== undefined && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
