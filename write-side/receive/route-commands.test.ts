import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { opening } from '../handle/owner.fixture.ts'
import type { PartitionOwner } from '../handle/partition-owner.ts'
import { elsewhere, tooBusy } from '../handle/refusals.ts'
import { type Peers, submitTo } from './route-commands.ts'

test('who waited for its turn as long as callers wait for an owner is not tried again', async () => {
  const clock = createHandClock()
  let tries = 0
  const owner = {
    // Its log takes nothing: nobody decides what waits.
    submit: async () => {
      tries += 1
      clock.advance(10_000)
      return tooBusy
    },
  } as unknown as PartitionOwner
  const ours = { workerId: 'one', url: 'http://one', isOurs: true }
  const seen = { ownerOf: () => ours, isAlone: () => false, view: () => undefined }
  const peers = { clock, ...seen, viewChanged: async () => {} } as unknown as Peers
  assert.equal(await submitTo([owner], peers, opening('ada', 'k1')), tooBusy)
  assert.equal(tries, 1)
})

test('a worker that begins, and sees nobody yet, lets callers wait for a partition that nobody has', async () => {
  const clock = createHandClock()
  const decided = { kind: 'refused', code: 'body_too_large', detail: '' } as const
  const answers = [elsewhere, elsewhere, decided]
  const owner = { submit: async () => answers.shift() } as unknown as PartitionOwner
  const nobody = { workers: new Map(), holders: [undefined], wanted: [undefined], next: [undefined] }
  const seen = { ownerOf: () => undefined, isAlone: () => true, view: () => nobody }
  const peers = { clock, ...seen, viewChanged: async () => clock.advance(100) } as unknown as Peers
  assert.equal(await submitTo([owner], peers, opening('ada', 'k1')), decided)
})
