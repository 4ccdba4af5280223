import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionOf } from '@micropay/schemas/placement'
import type { FastifyRequest } from 'fastify'
import { partitionAsked } from './partition-asked.ts'

const asked = (params: object, body: unknown, partitions = 16) =>
  partitionAsked({ params, body: Buffer.from(JSON.stringify(body)) } as unknown as FastifyRequest, partitions)

test('a payment goes where its payer is, of several the one that sorts first', () => {
  const to = { to: 'x', amount: '1', currency: 'EUR' }
  assert.equal(asked({}, { postings: [{ from: 'ben', ...to }] }), partitionOf('ben', 16))
  const two = [
    { from: 'ben', ...to },
    { from: 'ada', ...to },
  ]
  assert.equal(asked({}, { postings: two }), partitionOf('ada', 16))
  const legs = [
    { account: 'aaa', amount: '5', currency: 'EUR' },
    { account: 'cyd', amount: '-5', currency: 'EUR' },
  ]
  assert.equal(asked({}, { legs }), partitionOf('cyd', 16))
})

test('what names an account, a payment or a proposal goes where that is', () => {
  assert.equal(asked({ accountId: 'ada' }, {}), partitionOf('ada', 16))
  assert.equal(asked({}, { accountId: 'ada' }), partitionOf('ada', 16))
  assert.equal(asked({ paymentId: 'pay-7-12' }, {}), 7)
  assert.equal(asked({ proposalId: 'prop-3-1' }, {}), 3)
})

test('any worker is asked where it is not seen, and where there is one partition', () => {
  assert.equal(asked({}, { type: 'customer' }), undefined)
  assert.equal(partitionAsked({ params: {}, body: Buffer.from('{') } as unknown as FastifyRequest, 16), undefined)
  assert.equal(asked({}, {}, 1), 0)
  assert.equal(asked({}, {}, 0), undefined)
})
