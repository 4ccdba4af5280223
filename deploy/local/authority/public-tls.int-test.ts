import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { get } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { after, before, describe, type TestContext, test } from 'node:test'
import { type ConnectionOptions, connect, TLSSocket } from 'node:tls'
import { systemClock as clock } from '@micropay/runtime/clock'
import { createLogger } from '@micropay/runtime/logger'
import { type AskedForCertificate, openPublicTls } from '@micropay/runtime/tls/public-tls'
import { type Certificates, testCertificates } from './certificates.fixture.ts'

const log = createLogger('test', 'silent')

/** What a caller has shown: its fingerprint, and whether it is of an authority that is taken. */
function shownBy(socket: Socket) {
  if (!(socket instanceof TLSSocket)) return undefined
  const certificate = socket.getPeerX509Certificate()
  return certificate && { fingerprint: certificate.fingerprint256, isTrusted: socket.authorized }
}

describe('a port for people and their programs', { timeout: 60_000 }, () => {
  let ours: Certificates
  let theirs: Certificates
  before(async () => {
    ours = await testCertificates()
    theirs = await testCertificates('of somebody else')
  })
  after(async () => {
    await ours.remove()
    await theirs.remove()
  })

  /** It answers who its caller is, by certificate. */
  async function open(context: TestContext, clients: AskedForCertificate, withAuthority = true) {
    const name = `public-${clients}-${withAuthority}`
    const { cert, key, ca } = await ours.write(name, { hosts: ['localhost'] })
    const paths = { cert, key, ...(withAuthority ? { ca } : {}) }
    const tls = await openPublicTls({ paths, clients, host: 'localhost', clock, log, lookEveryMs: 20 })
    const server = tls.server(({ socket }, reply) => reply.end(JSON.stringify(shownBy(socket) ?? 'nobody')))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    context.after(() => {
      tls.close()
      server.close().closeAllConnections()
    })
    return { name, port: (server.address() as AddressInfo).port }
  }
  const trusting = () => ({ ca: ours.authority.ca.cert, servername: 'localhost' })
  const ask = (port: number, options: ConnectionOptions = {}) =>
    new Promise<string>((resolve, reject) => {
      const asked = get({ port, host: '127.0.0.1', agent: false, ...trusting(), ...options }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        answer.on('end', () => resolve(text))
      })
      asked.on('error', reject)
    })
  const handshake = async (port: number, options: ConnectionOptions) => {
    const socket = connect({ port, host: '127.0.0.1', ...trusting(), ...options })
    try {
      await once(socket, 'secureConnect')
      return { protocol: socket.getProtocol(), serial: socket.getPeerX509Certificate()?.serialNumber }
    } finally {
      socket.destroy()
    }
  }

  test('speaks TLS 1.2 and 1.3 with ciphers of today, and nothing older', async (context) => {
    const { port } = await open(context, 'none')
    assert.equal(await ask(port), '"nobody"')
    assert.equal((await handshake(port, { maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2')
    assert.equal((await handshake(port, {})).protocol, 'TLSv1.3')
    const old: ConnectionOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }
    await assert.rejects(handshake(port, old))
    await assert.rejects(handshake(port, { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:ECDHE-ECDSA-AES128-SHA' }))
  })

  test('shows a new certificate to new connections', async (context) => {
    const { name, port } = await open(context, 'none')
    const { serial } = await handshake(port, {})
    await ours.write(name, { hosts: ['localhost'] })
    while ((await handshake(port, {})).serial === serial) await clock.sleep(20)
  })

  test('that asks for certificates knows who has one, and whether its authority is taken', async (context) => {
    const { port } = await open(context, 'ask')
    const [mine, strange] = await Promise.all([ours.issue({ hosts: ['me'] }), theirs.issue({ hosts: ['me'] })])
    const fingerprint = (cert: string) => new X509Certificate(cert).fingerprint256
    assert.equal(await ask(port), '"nobody"')
    const trusted = { fingerprint: fingerprint(mine.cert), isTrusted: true }
    assert.deepEqual(JSON.parse(await ask(port, mine)), trusted)
    const untrusted = { fingerprint: fingerprint(strange.cert), isTrusted: false }
    assert.deepEqual(JSON.parse(await ask(port, strange)), untrusted)
    const { port: anybodys } = await open(context, 'ask', false)
    assert.deepEqual(JSON.parse(await ask(anybodys, mine)), { ...trusted, isTrusted: false })
  })

  test('that requires certificates speaks with holders of one of its authority alone', async (context) => {
    const { port } = await open(context, 'require')
    const mine = await ours.issue({ hosts: ['me'] })
    assert.equal(JSON.parse(await ask(port, mine)).isTrusted, true)
    await assert.rejects(ask(port))
    await assert.rejects(ask(port, await theirs.issue({ hosts: ['me'] })))
  })

  test('says that its certificate is not of the host by which people come', async (context) => {
    const { cert, key } = await ours.write('named', { hosts: ['localhost', '127.0.0.1'] })
    const troubleOf = async (host: string) => {
      const tls = await openPublicTls({ paths: { cert, key }, clients: 'none', host, clock, log })
      context.after(() => tls.close())
      return tls.trouble()
    }
    assert.deepEqual([await troubleOf('localhost'), await troubleOf('127.0.0.1')], [undefined, undefined])
    assert.match((await troubleOf('pay.example')) ?? '', /is not of pay.example, the host of PUBLIC_URL/)
  })

  test('begins with no files that do not fit', async () => {
    const [one, other] = [await ours.write('one', {}), await ours.write('other', {})]
    const paths = { cert: one.cert, key: other.key }
    await assert.rejects(
      openPublicTls({ paths, clients: 'none', host: 'localhost', clock, log }),
      /PUBLIC_TLS_CERT_FILE: the key in .*other.key is not that of the certificate in .*one.crt/,
    )
  })
})
