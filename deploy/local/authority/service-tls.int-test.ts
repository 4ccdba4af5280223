import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { systemClock } from '@micropay/runtime/clock'
import { buildHttp, type Http } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import { NO_CONNECTION } from '@micropay/runtime/tls/connector'
import { listenWithTls } from '@micropay/runtime/tls/listen-with-tls'
import { openServiceTls, type ServiceTls } from '@micropay/runtime/tls/service-tls'
import { Agent, request } from 'undici'
import { freePort } from '../stores/free-port.ts'
import { type Certificates, testCertificates } from './certificates.fixture.ts'

const log = createLogger('test', 'silent')
const clock = systemClock
const quick = { clock, log, lookEveryMs: 20 }

describe('a service that has a certificate', { timeout: 60_000 }, () => {
  let ours: Certificates
  let theirs: Certificates
  let accounts: ServiceTls
  let app: Http
  let url: string
  let healthPort: number
  /** How far the service's clock is ahead. */
  let aheadMs = 0
  const opened: ServiceTls[] = []
  const reached: string[] = []

  /** A service by its files, that calls. */
  async function caller(service: 'gateway' | 'write-side' | 'audit', certificates = ours): Promise<ServiceTls> {
    const tls = await openServiceTls({ ...quick, service, paths: await certificates.write(service, { service }) })
    opened.push(tls)
    return tls
  }
  async function ask(tls: ServiceTls, path = '/mine', to = 'accounts', origin = url) {
    const dispatcher = new Agent({ connect: tls.connectTo(to, 2_000) })
    try {
      const answer = await request(`${origin}${path}`, { dispatcher })
      return { status: answer.statusCode, body: await answer.body.text() }
    } finally {
      await dispatcher.close()
    }
  }
  before(async () => {
    ours = await testCertificates()
    theirs = await testCertificates()
    accounts = await openServiceTls({
      ...{ ...quick, clock: { ...clock, nowMs: () => clock.nowMs() + aheadMs } },
      service: 'accounts',
      paths: await ours.write('accounts', { service: 'accounts' }),
    })
    opened.push(accounts)
    app = await buildHttp({
      ...{ log, title: 'test', tls: accounts },
      verifyToken: async () => assert.fail('nobody is asked for a token here'),
    })
    app.get('/mine', async ({ raw }) => {
      reached.push(String((raw.socket as TLSSocket).getPeerX509Certificate()?.subjectAltName))
      return { mine: true }
    })
    healthPort = await freePort()
    url = await listenWithTls(app, { PORT: 0, HOST: '127.0.0.1', HEALTH_PORT: healthPort }, accounts)
  })
  after(async () => {
    for (const each of opened) each.close()
    await app.close()
    await Promise.all([ours.remove(), theirs.remove()])
  })

  test('answers a service that may call it, by TLS 1.3', async () => {
    assert.match(url, /^https:/)
    assert.deepEqual(await ask(await caller('gateway')), { status: 200, body: '{"mine":true}' })
    assert.deepEqual(reached.splice(0), ['URI:spiffe://micropay.local/gateway'])
  })

  test('answers 403 to a service that may not, and to a certificate of its authority that names none', async () => {
    const refused = await ask(await caller('audit'))
    assert.equal(refused.status, 403)
    assert.match(refused.body, /"code":"forbidden".*audit may not call this service/)
    assert.equal((await ask(await caller('audit'), '/health/ready')).status, 403)
    const nameless = await ours.issue({ hosts: ['gateway'] })
    const spoken = await speak(url, { ...nameless, ca: ours.authority.ca.cert })
    assert.match(spoken, /^HTTP\/1.1 403 /)
    assert.deepEqual(reached.splice(0), [])
  })

  test('speaks with nobody without a certificate, with one of elsewhere, one that ended, or an older TLS', async () => {
    const ca = ours.authority.ca.cert
    const ended = { service: 'gateway', fromMs: clock.nowMs() - 90_000, toMs: clock.nowMs() - 30_000 }
    const early = { service: 'gateway', fromMs: clock.nowMs() + 600_000, toMs: clock.nowMs() + 900_000 }
    const good = await ours.issue({ service: 'gateway' })
    const strangers = {
      'no certificate': { ca },
      'another authority': { ...(await theirs.issue({ service: 'gateway' })), ca },
      'it ended': { ...(await ours.issue(ended)), ca },
      'it is not good yet': { ...(await ours.issue(early)), ca },
      'TLS 1.2': { ...good, ca, maxVersion: 'TLSv1.2' as const },
    }
    for (const [why, options] of Object.entries(strangers)) assert.equal(await speak(url, options), '', why)
    assert.match(await speak(url, { ...good, ca }), /^HTTP\/1.1 200 /)
    assert.equal(reached.splice(0).length, 1)
  })

  test('answers once more on a connection whose certificate ended meanwhile, and ends it', async () => {
    const dispatcher = new Agent({ connect: (await caller('gateway')).connectTo('accounts', 2_000), connections: 1 })
    const headersOf = async () => {
      const { statusCode, headers, body } = await request(`${url}/mine`, { dispatcher })
      await body.dump()
      return [statusCode, headers.connection]
    }
    assert.deepEqual(await headersOf(), [200, 'keep-alive'])
    aheadMs = 7_200_000
    assert.deepEqual(await headersOf(), [200, 'close'])
    aheadMs = 0
    await dispatcher.close()
    reached.splice(0)
  })

  test('goes on with no session of before, whose certificate may have ended since', async () => {
    const options = { ...(await ours.issue({ service: 'gateway' })), ca: ours.authority.ca.cert }
    const sessions: Buffer[] = []
    await speak(url, options, (socket) => void socket.on('session', (session) => sessions.push(session)))
    let isReused = false
    const [session] = sessions
    await speak(url, { ...options, ...(session ? { session } : {}) }, (socket) => {
      socket.once('secureConnect', () => {
        isReused = socket.isSessionReused()
      })
    })
    assert.equal(isReused, false)
    reached.splice(0)
  })

  test('is told to a caller as not reached when somebody else answers, who gets no byte of the request', async () => {
    const gateway = await caller('gateway')
    const impostors = {
      'another service': await ours.issue({ service: 'audit', hosts: ['127.0.0.1'] }),
      'the right host name': await ours.issue({ hosts: ['127.0.0.1', 'localhost'] }),
      'another authority': await theirs.issue({ service: 'accounts', hosts: ['127.0.0.1'] }),
      'it ended': await ours.issue({
        ...{ service: 'accounts', fromMs: clock.nowMs() - 90_000, toMs: clock.nowMs() - 30_000 },
      }),
    }
    for (const [who, issued] of Object.entries(impostors)) {
      let bytes = 0
      const impostor = createServer(issued, (socket) => {
        socket.on('data', (data) => {
          bytes += data.length
        })
        socket.on('error', () => undefined)
      })
      await once(impostor.listen(0, '127.0.0.1'), 'listening')
      const origin = `https://127.0.0.1:${(impostor.address() as AddressInfo).port}`
      await assert.rejects(ask(gateway, '/mine', 'accounts', origin), { code: NO_CONNECTION }, who)
      await systemClock.sleep(20)
      assert.equal(bytes, 0, who)
      impostor.close()
    }
    await assert.rejects(ask(gateway, '/mine', 'accounts', url.replace('https:', 'http:')), { code: NO_CONNECTION })
  })

  test('takes new certificates that fit from its files without dropping a request, and no others', async (context) => {
    const gateway = await caller('gateway')
    const dispatcher = new Agent({ connect: gateway.connectTo('accounts', 2_000), connections: 4 })
    const seen = new Map<number, number>()
    let isOver = false
    context.after(() => {
      isOver = true
    })
    const load = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const { statusCode, body } = await request(`${url}/mine`, { dispatcher })
        await body.dump()
        seen.set(statusCode, (seen.get(statusCode) ?? 0) + 1)
      }
    })
    const serial = async () => (await certificateAt(url, ours)).serialNumber
    const before = await serial()
    await ours.write('accounts', { service: 'accounts' })
    while ((await serial()) === before) await systemClock.sleep(20)
    await ours.write('gateway', { service: 'gateway' })
    const renewed = await serial()

    const other = await ours.issue({ service: 'audit' })
    const paths = await ours.write('unused', { service: 'accounts' })
    await writeFile(paths.cert.replace('unused', 'accounts'), other.cert)
    // Files are written one after the other: whoever looks in between finds that they do not fit, until it looks again.
    const isOfAudit = () => /is of audit: its one URI must name accounts/.test(String(accounts.trouble()))
    while (!isOfAudit()) await systemClock.sleep(20)
    assert.equal(await serial(), renewed)
    const probe = await fetch(`http://127.0.0.1:${healthPort}/health/ready`)
    assert.match(await probe.text(), /"trouble":"the certificate in/)
    await ours.write('accounts', { service: 'accounts' })
    while (accounts.trouble() !== undefined) await systemClock.sleep(20)
    isOver = true
    await Promise.all(load)
    await dispatcher.close()
    assert.deepEqual([...seen.keys()], [200])
    assert.ok(Number(seen.get(200)) > 8)
    reached.splice(0)
  })

  test('answers probes on a port of their own, and nothing else there', async () => {
    const probe = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${healthPort}${path}`, { method })
    assert.deepEqual(await (await probe('/health/live')).json(), { status: 'live' })
    assert.equal((await probe('/health/ready')).status, 200)
    for (const path of ['/mine', '/openapi.json', '/health/ready/', '/health/ready?x']) {
      assert.equal((await probe(path)).status, 404, path)
    }
    assert.equal((await probe('/health/ready', 'POST')).status, 404)
    assert.deepEqual(reached, [])
  })

  test('says that its certificate ends soon', async () => {
    const leaf = { service: 'audit', fromMs: clock.nowMs() - 3_000_000, toMs: clock.nowMs() + 600_000 }
    const ending = await openServiceTls({ ...quick, service: 'audit', paths: await ours.write('ending', leaf) })
    assert.match(String(ending.trouble()), /the certificate of this service ends at .*: renew it/)
    ending.close()
    assert.equal(accounts.trouble(), undefined)
  })

  test('does not start on files that do not fit', async () => {
    const open = (paths: { cert: string; key: string; ca: string }) =>
      openServiceTls({ ...quick, service: 'accounts', paths })
    const [mine, other] = [await ours.write('m', { service: 'accounts' }), await ours.write('o', { service: 'audit' })]
    await assert.rejects(open({ ...mine, key: other.key }), /the key in .* is not that of the certificate/)
    await assert.rejects(open(other), /is of audit: its one URI must name accounts/)
    await assert.rejects(open({ ...mine, ca: mine.key }), /cannot be read as PEM/)
    await assert.rejects(open({ ...mine, cert: '/nowhere' }), /cannot be read as PEM: ENOENT/)
  })
})

/** What a server says to `GET /mine`; empty where it hung up. */
async function speak(
  url: string,
  options: object,
  watch: (socket: TLSSocket) => void = () => undefined,
): Promise<string> {
  const { port } = new URL(url)
  const socket = connect({ host: '127.0.0.1', port: Number(port), checkServerIdentity: () => undefined, ...options })
  watch(socket)
  let said = ''
  socket.on('data', (data) => {
    said += data
  })
  socket.on('error', () => undefined)
  socket.write('GET /mine HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  await new Promise((resolve) => socket.on('close', resolve))
  return said
}

async function certificateAt(url: string, { authority, issue }: Certificates) {
  const options = { ...(await issue({ service: 'gateway' })), ca: authority.ca.cert }
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), ...options, ...{ checkServerIdentity } })
  await once(socket, 'secureConnect')
  const certificate = socket.getPeerX509Certificate() ?? assert.fail('a server has a certificate')
  socket.destroy()
  return certificate
}

const checkServerIdentity = () => undefined
