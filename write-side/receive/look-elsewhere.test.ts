import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock as clock } from '@micropay/runtime/clock'
import { buildHttp } from '@micropay/runtime/http'
import { createLogger } from '@micropay/runtime/logger'
import type { Secret } from '@micropay/runtime/settings/key-ring'
import { AccountId } from '@micropay/schemas/identifiers'
import type { PartitionOwner } from '../handle/partition-owner.ts'
import { answerLooks, createLookElsewhere } from './look-elsewhere.ts'

const [old, fresh] = ['the old secret', 'the new secret']
const partitions = 1

test('workers ask each other while one has the next secret already, and not without one in common', async () => {
  const verifyToken = async () => assert.fail('nobody calls')
  const app = await buildHttp({ log: createLogger('test', 'silent'), title: 'a worker', verifyToken })
  let known: readonly string[] = [old]
  const owner = { look: () => ({ accountId: 'ada', account: undefined }) } as unknown as PartitionOwner
  const nobody = { ownerOf: () => undefined }
  answerLooks(app, [owner], { secret: () => known, partitions, peers: nobody, clock })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const peers = { ownerOf: () => ({ isOurs: false, url }) as ReturnType<typeof nobody.ownerOf> & object }
  const ask = (secret: Secret) =>
    createLookElsewhere({ secret, partitions, peers: peers as never, clock })('main', AccountId.parse('ada'))
  try {
    assert.ok(await ask(old))
    assert.equal(await ask(fresh), undefined)
    known = [old, fresh]
    assert.ok(await ask(() => [fresh, old]))
    assert.ok(await ask(old))
    known = [fresh]
    assert.equal(await ask(old), undefined)
  } finally {
    await app.close()
  }
})
