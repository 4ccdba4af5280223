import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { readRunning, repositoryRoot } from '@micropay/local/running'
import { startProduct } from './product.fixture.ts'

const file = process.env.BERKA_FILE ?? resolve(repositoryRoot, '../shared/data/berka/berka-1993.csv.gz')
const SAMPLED_PAYMENTS = 5_000
const skip = existsSync(file) ? false : `Berka file ${file} is not there (set BERKA_FILE)`

const directory = mkdtempSync(join(tmpdir(), 'micropay-books-'))
const year = { file, payments: '46,997', opened: '1,248', compared: '1,229', end: '0:48245' }
const sampled = {
  ...{ file: join(directory, 'berka.csv'), payments: '5,000', opened: '571', compared: '554', end: '0:5571' },
}
/** The whole year is imported by night, and at each change its first payments. */
const books = process.env.NIGHTLY === '1' ? year : sampled
before(() => {
  if (skip !== false) return
  const lines = gunzipSync(readFileSync(file)).toString('latin1').split('\n')
  writeFileSync(sampled.file, `${lines.slice(0, 1 + SAMPLED_PAYMENTS).join('\n')}\n`, 'latin1')
})
after(() => rmSync(directory, { recursive: true, force: true }))

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
