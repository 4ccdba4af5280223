import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { createSeal, cutIntoPieces, joinPieces } from './sealed-cookie.ts'

const secret = 'a secret of at least 32 characters'
const schema = z.object({ subject: z.string() })
const sealWith = (change: { secret?: string; purpose?: string; nowMs?: () => number } = {}) =>
  createSeal({ secret, purpose: 'session', schema, nowMs: () => 0, ...change })

test('what was sealed opens, and does not show what it holds', async () => {
  const { seal, open } = sealWith()
  const sealed = await seal({ subject: 'customer:ada' }, 10_000)
  assert.deepEqual(await open(sealed), { subject: 'customer:ada' })
  assert.doesNotMatch(Buffer.from(sealed, 'base64url').toString('latin1'), /customer/)
  assert.notEqual(sealed, await seal({ subject: 'customer:ada' }, 10_000))
})

test('another secret, another purpose, an expired, a changed and a foreign text do not open', async () => {
  const sealed = await sealWith().seal({ subject: 'customer:ada' }, 10_000)
  assert.equal(await sealWith({ secret: `${secret}.` }).open(sealed), undefined)
  assert.equal(await sealWith({ purpose: 'sign-in' }).open(sealed), undefined)
  assert.equal(await sealWith({ nowMs: () => 10_000 }).open(sealed), undefined)
  assert.ok(await sealWith({ nowMs: () => 9_000 }).open(sealed))
  const at = sealed.length - 30
  const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
  assert.equal(await sealWith().open(changed), undefined)
  assert.equal(await sealWith().open('eyJhbGciOiJub25lIn0.e30.'), undefined)
})

test('what any secret of the ring sealed opens until it is gone, and the first one seals', async () => {
  const other = 'another secret of at least 32 characters'
  let ring = [secret]
  const { seal, open } = createSeal({ secret: () => ring, purpose: 'session', schema, nowMs: () => 0 })
  const before = await seal({ subject: 'customer:ada' }, 10_000)
  ring = [other, secret]
  const meanwhile = await seal({ subject: 'customer:ben' }, 10_000)
  assert.deepEqual(
    [await open(before), await open(meanwhile)],
    [{ subject: 'customer:ada' }, { subject: 'customer:ben' }],
  )
  ring = [other]
  assert.deepEqual([await open(before), await open(meanwhile)], [undefined, { subject: 'customer:ben' }])
})

test('a long text is cut at what a browser keeps, and read again', () => {
  for (const length of [1, 3800, 3801, 15_200]) {
    const text = 'x'.repeat(length)
    const cookies = cutIntoPieces(text, 'session', {})
    assert.ok(cookies.every((cookie) => cookie.value.length <= 3800))
    assert.equal(joinPieces(Object.fromEntries(cookies.map(({ name, value }) => [name, value])), 'session'), text)
  }
  assert.throws(() => cutIntoPieces('x'.repeat(15_201), 'session', {}))
})

test('pieces that are no longer needed are deleted', () => {
  assert.deepEqual(cutIntoPieces('short', 'session', { 'session.0': 'a', 'session.1': 'b', other: 'c' }), [
    { name: 'session', value: 'short' },
    { name: 'session.0', value: '' },
    { name: 'session.1', value: '' },
  ])
})
