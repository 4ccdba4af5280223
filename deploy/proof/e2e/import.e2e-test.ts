import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { readRunning, repositoryRoot } from '@micropay/local/running'
import { startProduct } from './product.fixture.ts'

const file = process.env.BERKA_FILE ?? resolve(repositoryRoot, '../shared/data/berka/berka-1993.csv.gz')
const skip = existsSync(file) ? false : `Berka file ${file} is not there (set BERKA_FILE)`

for (const log of ['postgres', 'kafka'] as const) {
  test(`on ${log}, kill -9 of the owning worker amid an import loses and duplicates nothing`, {
    skip,
    timeout: 180_000,
  }, async () => {
    await using product = await startProduct({ log, args: ['--no-seed'] })
    const first = product.micropay('import', 'berka', file, '--batch-size', '500')
    await first.said(/payments +\d+ %/)
    process.kill(product.running.services['write-side'] ?? 0, 'SIGKILL')
    assert.equal(first.child.exitCode, null, 'the import was still running when its worker was killed')
    const { code, output } = await first.ended
    assert.equal(code, 0, output)
    assert.match(output, /46,997 payments posted, |payments posted, .* replayed/)
    assert.match(output, /, 0 refused,/)
    assert.match(output, /1,229 accounts compared, 0 mismatches, at position 0:48245,/)

    const again = await product.micropay('import', 'berka', file).ended
    assert.equal(again.code, 0, again.output)
    assert.match(again.output, /0 accounts opened, 1,248 replayed/)
    assert.match(again.output, /0 payments posted, 46,997 replayed .*, 0 refused,/)
    assert.match(again.output, /1,229 accounts compared, 0 mismatches, at position 0:48245,/)
  })
}

test('an import without disturbance replays nothing, and its read model survives a restart', {
  skip,
  timeout: 180_000,
}, async () => {
  await using product = await startProduct({ args: ['--no-seed'] })
  const { code, output } = await product.micropay('import', 'berka', file).ended
  assert.equal(code, 0, output)
  assert.match(output, /1,248 accounts opened, 0 replayed/)
  assert.match(output, /46,997 payments posted, 0 replayed .*, 0 refused,/)
  assert.match(output, /1,229 accounts compared, 0 mismatches/)
  const { code: stopped } = await product.stop()
  assert.equal(stopped, 0)
  assert.equal(await readRunning(product.home), undefined)

  await using restarted = await startProduct({ home: product.home })
  const again = await restarted.micropay('import', 'berka', file).ended
  assert.match(again.output, /0 payments posted, 46,997 replayed/)
  assert.match(again.output, /1,229 accounts compared, 0 mismatches/)
})
