import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { testCertificates } from '@micropay/local/authority/certificates.fixture'
import { freePort } from '@micropay/local/stores/free-port'
import { createLogger } from '@micropay/runtime/logger'
import { Agent, fetch } from 'undici'
import { startGateway } from '../gateway-under-test.ts'
import { openOwnTls } from './own-tls.ts'

const log = createLogger('test', 'silent')
const usual = { PUBLIC_URL: 'https://localhost:8443', PUBLIC_TLS_CLIENTS: 'none' } as const

test('a gateway speaks TLS itself, and says whatever it says of a plain one', { timeout: 60_000 }, async (context) => {
  const certificates = await testCertificates()
  const { cert, key } = await certificates.write('own', { hosts: ['localhost'] })
  const tls = await openOwnTls({ ...usual, PUBLIC_TLS_CERT_FILE: cert, PUBLIC_TLS_KEY_FILE: key }, log)
  const port = await freePort()
  const gateway = await startGateway({ port, tls })
  const dispatcher = new Agent({ connect: { ca: certificates.authority.ca.cert, servername: 'localhost' } })
  context.after(async () => {
    tls?.close()
    await dispatcher.close()
    await gateway.close()
    await certificates.remove()
  })
  const answer = await fetch(`https://127.0.0.1:${port}/v1/accounts`, { dispatcher })
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [401, 'application/problem+json'])
  assert.match(answer.headers.get('strict-transport-security') ?? '', /includeSubDomains/)
  await assert.rejects(fetch(`http://127.0.0.1:${port}/v1/accounts`), 'in plain text nobody is answered')

  // What is wrong below HTTP's own rules is told as by a plain gateway, too.
  const socket = connect({ port, host: '127.0.0.1', ca: certificates.authority.ca.cert, servername: 'localhost' })
  socket.write('GET /v1/accounts HTTP/1.1\r\n\r\n')
  const [said] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  assert.match(said.toString(), /^HTTP\/1.1 400 [\s\S]*invalid_request/)
})

for (const [settings, told] of [
  [{ PUBLIC_TLS_CERT_FILE: 'a' }, /PUBLIC_TLS_CERT_FILE, PUBLIC_TLS_KEY_FILE: set both, or none/],
  [{ PUBLIC_TLS_CLIENTS: 'ask' }, /PUBLIC_TLS_CLIENTS, .*: only with PUBLIC_TLS_CERT_FILE/],
  [
    { PUBLIC_TLS_CERT_FILE: 'a', PUBLIC_TLS_KEY_FILE: 'b', PUBLIC_TLS_CLIENTS: 'require' },
    /_CLIENT_CA_FILE: is missing/,
  ],
  [{ PUBLIC_TLS_CERT_FILE: 'a', PUBLIC_TLS_KEY_FILE: 'b', PUBLIC_TLS_CLIENT_CA_FILE: 'c' }, /must be ask or require/],
  [{ PUBLIC_TLS_CERT_FILE: 'a', PUBLIC_TLS_KEY_FILE: 'b', PUBLIC_URL: 'http://a' }, /PUBLIC_URL: must be an https:/],
] as const) {
  test(`${Object.keys(settings).join(', ')} alone: the gateway says what is missing, and does not start`, async () => {
    await assert.rejects(openOwnTls({ ...usual, ...settings }, log), told)
  })
}

test('without any of it the port is plain', async () => {
  assert.equal(await openOwnTls(usual, log), undefined)
})
