import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { append, known, openOn } from '../state.fixture.ts'
import { lmdbDisk } from './disk.ts'

/** A disk of 8 MB, as root alone can make one, and a file that fills what is left of it. */
function smallDisk(context: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'micropay-full-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', directory])
  context.after(() => {
    execFileSync('umount', ['-l', directory])
    rmdirSync(directory)
  })
  const filler = join(directory, 'filler')
  return {
    disk: lmdbDisk(directory, 0, systemClock),
    fill() {
      for (let bytes = 8_000_000; bytes > 0; bytes = Math.floor(bytes / 2)) {
        try {
          writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' })
        } catch {
          // The next is smaller.
        }
      }
    },
    makeRoom: () => rmSync(filler),
  }
}

test('on a full disk a write fails, and nothing but it; with room the state goes on', async (context) => {
  const { disk, fill, makeRoom } = smallDisk(context)
  const { store } = await openOn(context, disk)
  await append(store, 500)
  fill()
  for (let write = 0; write < 3; write += 1) {
    await assert.rejects(append(store, 2_000), { code: 'state_disk_full', message: /is full: make room/ })
  }
  assert.equal(store.mark()?.fold.seq, 500)
  assert.equal(known(store, 600).length, 500)
  await store.close()
  await assert.rejects(openOn(context, disk), { code: 'state_disk_full' })
  makeRoom()
  const { store: again, found } = await openOn(context, disk)
  assert.equal(found.kind, 'sound')
  assert.equal(known(again, 600).length, 500)
  await append(again, 2_000)
  assert.deepEqual(await again.check(), { kind: 'sound' })
})

test('on a disk that is full from the beginning no state is begun', async (context) => {
  const { disk, fill, makeRoom } = smallDisk(context)
  fill()
  await assert.rejects(openOn(context, disk), { code: 'state_disk_full' })
  makeRoom()
  const { store, found } = await openOn(context, disk)
  assert.equal(found.kind, 'none')
  await append(store, 10)
  assert.deepEqual(known(store, 20).length, 10)
})
