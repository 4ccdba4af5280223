import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { accounts } from '../decide/account.ts'
import { createMemoryDisk } from './memory/disk.ts'
import { encodeValue } from './partition-tables.ts'
import { adaKey, append, expected, known } from './state.fixture.ts'
import { createStateOpener } from './state-opener.ts'

const { signal } = new AbortController()

function countingChecks() {
  const disk = createMemoryDisk({ clock: systemClock })
  let checks = 0
  const check: typeof disk.check = (...asked) => {
    checks += 1
    return disk.check(...asked)
  }
  return { disk, checked: { ...disk, check }, checks: () => checks }
}

test('what this process had open is not checked again before it goes on', async () => {
  const { checked, checks } = countingChecks()
  const open = createStateOpener(checked, expected)
  for (let round = 1; round <= 3; round += 1) {
    const { store, found } = await open(signal)
    assert.equal(found.kind, round === 1 ? 'none' : 'sound')
    await append(store, 1)
    assert.deepEqual(known(store, 4).length, round)
    await store.close()
  }
  assert.equal(checks(), 1)
  await createStateOpener(checked, expected)(signal)
  assert.equal(checks(), 2)
})

test('what somebody wrote meanwhile is checked again', async () => {
  const { disk, checked, checks } = countingChecks()
  const open = createStateOpener(checked, expected)
  const { store } = await open(signal)
  await append(store, 1)
  const image = disk.copy()
  await append(store, 1)
  await store.close()
  disk.restore(image)
  const { store: again, found } = await open(signal)
  assert.equal(found.kind, 'sound')
  assert.deepEqual(known(again, 2), [1])
  assert.equal(checks(), 2)
})

test('what a check found to be edited while it was open is put aside as it is opened again', async () => {
  const { disk, checked } = countingChecks()
  const open = createStateOpener(checked, expected)
  const { store } = await open(signal)
  await append(store, 2)
  disk.edit('accounts', 'text', adaKey, () => encodeValue({ accountId: 'ada', balanceMinor: '1' }))
  assert.equal((await store.check()).kind, 'edited')
  await store.close()
  const { store: again, found } = await open(signal)
  assert.equal(found.kind, 'discarded')
  assert.equal(again.read(accounts, adaKey), undefined)
  assert.equal(disk.discards(), 1)
})
