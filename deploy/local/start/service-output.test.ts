import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attentionIn, error } from './service-output.ts'

test('warnings and errors are told in words, with their cause', () => {
  assert.equal(attentionIn('{"level":40,"msg":"the queue is long"}'), 'warning: the queue is long')
  assert.equal(
    attentionIn('{"level":50,"msg":"a request failed","err":{"message":"no route"}}'),
    'error: a request failed: no route',
  )
  assert.equal(
    attentionIn('{"level":60,"msg":"stopped: no route; see the docs","err":{"message":"no route"}}'),
    'error: stopped: no route; see the docs',
  )
})

test('a line in ECS is told in the same words', () => {
  assert.equal(
    attentionIn('{"log.level":"error","message":"a request failed","error.message":"no route"}'),
    'error: a request failed: no route',
  )
  assert.equal(attentionIn('{"log.level":"warn","message":"the queue is long"}'), 'warning: the queue is long')
  assert.equal(attentionIn('{"log.level":"info","message":"listening"}'), undefined)
})

test('what is only information, or less grave than asked, or not a log line, stays in the file', () => {
  assert.equal(attentionIn('{"level":30,"msg":"listening"}'), undefined)
  assert.equal(attentionIn('{"level":40,"msg":"the queue is long"}', error), undefined)
  assert.equal(attentionIn('{"level":'), undefined)
  assert.equal(attentionIn('Node.js v24'), undefined)
})
