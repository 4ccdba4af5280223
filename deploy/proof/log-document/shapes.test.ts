import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { describeShapes } from './describe-shapes.ts'

const page = new URL('../../../docs/log-protocol.md', import.meta.url)
/** Besides the shapes the page says which generation is the newest. */
const newest = /\(today: \d+\)/
const block = /(<!-- shapes -->\n)[\s\S]*(\n<!-- \/shapes -->)/

test('docs/log-protocol.md lists every record and event that a log may hold; UPDATE_DOCS=1 writes them anew', () => {
  const text = readFileSync(page, 'utf8')
  const current = text
    .replace(newest, `(today: ${EVENT_GENERATION})`)
    .replace(block, (_, before, after) => `${before}\n${describeShapes()}\n${after}`)
  assert.match(text, newest)
  assert.match(text, block)
  if (process.env.UPDATE_DOCS) writeFileSync(page, current)
  else assert.equal(text, current)
})
