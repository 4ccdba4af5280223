import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personas } from '../issuer/personas.ts'
import { helpFor } from './find-stops.ts'
import { welcomeText } from './welcome.ts'

const clock = "the clock of this host (2026-11-29T14:00:00.000Z) is 2 h ahead of the clock of the log's store (…)"
const jumped = 'the clock of this host jumped 2 h ahead, to 2026-11-29T14:00:00.000Z'
const disk = 'the disk that holds the state (/state) is full: make room, and the partition goes on by itself'
const stamped = "the last decision is stamped 2026-11-29T14:00:00.000Z, 2 h ahead of the clock of the log's store"
const chain = 'a commit does not continue the hash chain at 0:7'

test('everybody who can sign in is named, so that two can be found for what needs two', () => {
  const text = welcomeText({
    ...{ url: 'http://localhost:4100', issuer: 'http://localhost:4101', logText: 'memory', took: '3 s' },
    ...{ seeded: undefined, hasExamples: false, logDirectory: '/tmp/logs' },
    stops: { isServed: true, isFollowed: true, help: 'restore', lines: [] },
  })
  for (const { name } of personas) assert.ok(text.includes(name.split(' ')[0] ?? name), name)
})

test('a resume is offered where it may help: never for a clock or a disk of this machine alone', () => {
  for (const reason of [clock, jumped, disk]) assert.equal(helpFor([reason], true), 'mend this machine', reason)
  for (const reason of [stamped, chain]) assert.equal(helpFor([reason], true), 'resume', reason)
  assert.equal(helpFor([clock, chain], true), 'resume')
  assert.equal(helpFor([], false), 'restore')
  assert.equal(helpFor([clock], false), 'restore')
})

test('a start with a wrong clock says what is stopped, and names neither verify nor resume', () => {
  const text = welcomeText({
    ...{ url: 'http://127.0.0.1:8080', issuer: 'http://127.0.0.1:8090', logText: 'PostgreSQL', took: '3 s' },
    ...{ seeded: undefined, hasExamples: true, logDirectory: '/home/logs' },
    stops: { isServed: false, isFollowed: true, help: 'mend this machine', lines: [`partition 0: ${clock}`] },
  })
  assert.match(text, /the ledger is STOPPED[\s\S]*partition 0: the clock of this host[\s\S]*Put right .* this machine/)
  assert.doesNotMatch(text, /micropay (verify|resume)/)
})
