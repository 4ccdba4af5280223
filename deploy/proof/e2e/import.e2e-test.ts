import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readRunning } from '@micropay/local/running'
import { booksIn, skipWithoutBooks as skip } from './books.fixture.ts'
import { startProduct } from './product.fixture.ts'

const directory = mkdtempSync(join(tmpdir(), 'micropay-books-'))
after(() => rmSync(directory, { recursive: true, force: true }))
const books = booksIn(directory)
const { payments, opened, compared, end } = books

for (const log of ['postgres', 'kafka'] as const) {
  test(`on ${log}, kill -9 of the owning worker amid ${payments} payments loses and duplicates nothing`, {
    skip,
    timeout: 180_000,
  }, async () => {
    const ending = new RegExp(`${compared} accounts compared, 0 mismatches, at position ${end},`)
    await using product = await startProduct({ log, args: ['--no-seed'] })
    const first = product.micropay('import', 'berka', books.file, '--batch-size', '500')
    await first.said(/payments +\d+ %/)
    process.kill(product.running.services['write-side'] ?? 0, 'SIGKILL')
    assert.equal(first.child.exitCode, null, 'the import was still running when its worker was killed')
    const { code, output } = await first.ended
    assert.equal(code, 0, output)
    assert.match(output, new RegExp(`${payments} payments posted, |payments posted, .* replayed`))
    assert.match(output, /, 0 refused,/)
    assert.match(output, ending)

    const again = await product.micropay('import', 'berka', books.file).ended
    assert.equal(again.code, 0, again.output)
    assert.match(again.output, new RegExp(`0 accounts opened, ${opened} replayed`))
    assert.match(again.output, new RegExp(`0 payments posted, ${payments} replayed .*, 0 refused,`))
    assert.match(again.output, ending)
  })
}

test('an import without disturbance replays nothing, and its read model survives a restart', {
  skip,
  timeout: 180_000,
}, async () => {
  await using product = await startProduct({ args: ['--no-seed'] })
  const { code, output } = await product.micropay('import', 'berka', books.file).ended
  assert.equal(code, 0, output)
  assert.match(output, new RegExp(`${opened} accounts opened, 0 replayed`))
  assert.match(output, new RegExp(`${payments} payments posted, 0 replayed .*, 0 refused,`))
  assert.match(output, new RegExp(`${compared} accounts compared, 0 mismatches`))
  const { code: stopped } = await product.stop()
  assert.equal(stopped, 0)
  assert.equal(await readRunning(product.home), undefined)

  await using restarted = await startProduct({ home: product.home })
  const again = await restarted.micropay('import', 'berka', books.file).ended
  assert.match(again.output, new RegExp(`0 payments posted, ${payments} replayed`))
  assert.match(again.output, new RegExp(`${compared} accounts compared, 0 mismatches`))
})
