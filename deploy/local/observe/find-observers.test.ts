import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, test } from 'node:test'
import { findObservers } from './find-observers.ts'

const folder = mkdtempSync(join(tmpdir(), 'micropay-programs-'))
after(() => rmSync(folder, { recursive: true }))
const put = (name: string) => writeFileSync(join(folder, name), '', { mode: 0o755 })

test('what is on the path is taken, by the name that Debian gives it, too, and nothing where one is missing', () => {
  const path = ['', '/nowhere', folder].join(delimiter)
  const find = () => findObservers(path, join(folder, 'nothing'))
  for (const name of ['prometheus', 'promtool', 'amtool']) put(name)
  assert.equal(find(), undefined)
  writeFileSync(join(folder, 'prometheus-alertmanager'), '', { mode: 0o644 })
  assert.equal(find(), undefined, 'what nobody may run is no program')
  rmSync(join(folder, 'prometheus-alertmanager'))
  put('prometheus-alertmanager')
  assert.equal(find()?.alertmanager, join(folder, 'prometheus-alertmanager'))
  assert.equal(find()?.prometheus, join(folder, 'prometheus'))
  put('alertmanager')
  assert.equal(find()?.alertmanager, join(folder, 'alertmanager'))
})

test('what deploy/prometheus/fetch.sh left is taken where the path has none', () => {
  assert.equal(findObservers('', folder)?.amtool, join(folder, 'amtool'))
})
