import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerHeaders, requestHeaders } from './headers.ts'

const addressed = {
  authorization: 'Bearer ours',
  clientAddress: '192.0.2.7',
  publicUrl: new URL('https://pay.example:8443'),
}

test('what the caller may not say is replaced or left out', () => {
  const headers = requestHeaders(
    {
      host: 'evil',
      authorization: 'Bearer theirs',
      cookie: 'micropay=1',
      'x-csrf-token': 'c',
      'x-forwarded-for': '10.0.0.1',
      'x-forwarded-user': 'root',
      forwarded: 'for=10.0.0.1',
      'x-real-ip': '10.0.0.1',
      connection: 'close, X-Secret',
      'x-secret': '1',
      te: 'trailers',
      'transfer-encoding': 'chunked',
      'idempotency-key': 'k1',
      'content-length': '2',
    },
    addressed,
    true,
  )
  assert.deepEqual(headers, {
    authorization: 'Bearer ours',
    'x-forwarded-for': '192.0.2.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'pay.example:8443',
    'idempotency-key': 'k1',
    'content-length': '2',
  })
})

test('Connection cannot take away a header that frames the body', () => {
  const headers = requestHeaders({ connection: 'content-length', 'content-length': '2' }, addressed, true)
  assert.equal(headers['content-length'], '2')
})

test('a request without a body says nothing of one', () => {
  const headers = requestHeaders(
    { 'content-length': '2', 'content-type': 'text/plain', accept: '*/*' },
    addressed,
    false,
  )
  assert.deepEqual([headers['content-length'], headers['content-type'], headers.accept], [undefined, undefined, '*/*'])
})

test('an answer keeps what is the caller’s, and loses hop-by-hop headers and cookies', () => {
  assert.deepEqual(
    answerHeaders({
      position: '0:7',
      'set-cookie': ['a=1'],
      connection: 'x-hop',
      'x-hop': '1',
      'keep-alive': 'timeout=5',
    }),
    { position: '0:7' },
  )
})
