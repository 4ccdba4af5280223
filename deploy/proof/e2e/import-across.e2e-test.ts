import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { systemClock } from '@micropay/runtime/clock'
import { partitionOf } from '@micropay/schemas/placement'
import { booksIn, skipWithoutBooks as skip } from './books.fixture.ts'
import { startProduct } from './product.fixture.ts'
import { endSecondWorker, sharesOf, startSecondWorker } from './second-worker.fixture.ts'

const PARTITIONS = 8
const directory = mkdtempSync(join(tmpdir(), 'micropay-books-across-'))
after(() => rmSync(directory, { recursive: true, force: true }))
const books = booksIn(directory)
const { payments, opened, compared } = books
/** Those of the bank itself, which every payment of a customer is from or to. */
const contra = ['cash', 'interest', 'fees', 'cards', 'rounding', 'bank:AB', 'bank:EF', 'bank:QR', 'bank:YZ']

const logs = ['postgres', 'kafka'] as const
/** By day on one of them; it is due each fourth day. */
const turn = Math.floor(Date.now() / 86_400_000 / 4) % 2
const due = process.env.NIGHTLY === '1' ? logs : logs.slice(turn, turn + 1)

for (const log of due) {
  test(`on ${log}, two workers share 8 partitions, and kill -9 of one amid ${payments} payments loses nothing`, {
    skip,
    timeout: process.env.NIGHTLY === '1' ? 850_000 : 280_000,
  }, async () => {
    const spread = new Set(contra.map((name) => partitionOf(`berka:${name}`, PARTITIONS)))
    assert.ok(spread.size >= 5, `contra accounts lie on ${spread.size} partitions`)
    await using product = await startProduct({ log, partitions: PARTITIONS, args: ['--no-seed'] })
    const sam = product.as('sam')
    const second = await startSecondWorker(product)
    try {
      while ((await sharesOf(sam)).join() !== '4,4') await systemClock.sleep(100)
      const importing = product.micropay('import', 'berka', books.file, '--batch-size', '500')
      await importing.said(/payments +\d+ %/)
      // The other one takes over; this one is started anew, and gets its share again.
      process.kill(product.running.services['write-side'] ?? 0, 'SIGKILL')
      assert.equal(importing.child.exitCode, null, 'the import was still running when a worker was killed')
      const { code, output } = await importing.ended
      assert.equal(code, 0, output)
      assert.match(output, /, 0 refused,/)
      assert.match(output, new RegExp(`${compared} accounts compared, 0 mismatches`))
      while ((await sharesOf(sam)).join() !== '4,4') await systemClock.sleep(100)

      const again = await product.micropay('import', 'berka', books.file).ended
      assert.equal(again.code, 0, again.output)
      assert.match(again.output, new RegExp(`0 accounts opened, ${opened} replayed`))
      assert.match(again.output, new RegExp(`0 payments posted, ${payments} replayed .*, 0 refused,`))
      assert.match(again.output, new RegExp(`${compared} accounts compared, 0 mismatches`))
      const verified = await product.micropay('verify').ended
      assert.equal(verified.code, 0, verified.output)
    } finally {
      await endSecondWorker(second)
    }
  })
}
