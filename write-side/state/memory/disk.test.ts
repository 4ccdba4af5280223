import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { createHandClock } from '@micropay/runtime/hand-clock.fixture'
import { describeStateDisk } from '../tables.contract.ts'
import { createMemoryDisk, type WriteFault } from './disk.ts'

describeStateDisk('memory', () => createMemoryDisk({ clock: systemClock }))

/** A disk with one record, and what its next writes meet. */
async function faultyDisk() {
  const clock = createHandClock()
  const faults: WriteFault[] = []
  let chance = 0.9
  const everyOther = () => {
    chance = 0.9 - chance
    return chance
  }
  const disk = createMemoryDisk({ clock, nextWrite: () => faults.shift() ?? 'pass', slowMs: 1_000, random: everyOther })
  const { tables } = await disk.open()
  const letters = tables.open('letters', 'text')
  const put = (...keys: string[]) =>
    tables.transaction(() => {
      for (const key of keys) letters.put(key, Buffer.from(key))
    })
  await put('a')
  const kept = async () => {
    const opened = (await disk.open()).tables.open('letters', 'text')
    return Array.from(opened.entries(), ({ key }) => key)
  }
  return { disk, clock, faults, put, kept }
}

test('what was not flushed is lost when the power fails, unless a later write was', async () => {
  const { disk, faults, put, kept } = await faultyDisk()
  faults.push('unflushed', 'pass', 'unflushed')
  for (const key of ['b', 'c', 'd']) await put(key)
  assert.deepEqual(await kept(), ['a', 'b', 'c', 'd'])
  assert.equal(disk.crash(), true)
  assert.deepEqual(await kept(), ['a', 'b', 'c'])
})

test('of a torn write some is there after the power failed', async () => {
  const { disk, faults, put, kept } = await faultyDisk()
  faults.push('torn')
  await put('b', 'c', 'd', 'e')
  assert.deepEqual(await kept(), ['a', 'b', 'c', 'd', 'e'])
  assert.equal(disk.crash(), false)
  assert.deepEqual(await kept(), ['a', 'b', 'd'])
  assert.equal(disk.crash(), true)
})

test('a torn write of which all is there, or nothing, leaves the disk as a transaction did', async () => {
  for (const [first, left, isWhole] of [
    ['torn', ['a', 'b'], true],
    ['pass', ['a', 'b', 'c'], true],
    ['unflushed', ['a', 'c'], false],
  ] as const) {
    const { disk, faults, put, kept } = await faultyDisk()
    faults.push(first, 'torn')
    await put('b')
    await put('c')
    assert.equal(disk.crash(), isWhole, first)
    assert.deepEqual(await kept(), left)
  }
})

test('a slow write is seen once it is written, and by nobody when the power fails before', async () => {
  const { disk, clock, faults, put, kept } = await faultyDisk()
  faults.push('slow', 'slow')
  const written = put('b')
  assert.deepEqual(await kept(), ['a'])
  clock.advance(1_000)
  await written
  assert.deepEqual(await kept(), ['a', 'b'])
  let settled = false
  const ended = () => {
    settled = true
  }
  put('c').then(ended, ended)
  disk.crash()
  clock.advance(1_000)
  await clock.turn()
  assert.deepEqual([await kept(), settled], [['a', 'b'], false])
})

test('on a full disk a write fails and changes nothing', async () => {
  const { faults, put, kept } = await faultyDisk()
  faults.push('full')
  await assert.rejects(put('b'), { code: 'state_disk_full' })
  await put('c')
  assert.deepEqual(await kept(), ['a', 'c'])
})
