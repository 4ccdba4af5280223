import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { describeShapes } from './describe-shapes.ts'

const page = new URL('../../../docs/log-protocol.md', import.meta.url)
const block = /(<!-- shapes -->\n)[\s\S]*(\n<!-- \/shapes -->)/

test('docs/log-protocol.md lists every record and event that a log may hold; UPDATE_DOCS=1 writes them anew', () => {
  const text = readFileSync(page, 'utf8')
  const current = text.replace(block, (_, before, after) => `${before}\n${describeShapes()}\n${after}`)
  assert.match(text, block)
  if (process.env.UPDATE_DOCS) writeFileSync(page, current)
  else assert.equal(text, current)
})
