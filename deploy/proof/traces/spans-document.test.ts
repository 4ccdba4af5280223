import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { spans } from '@micropay/runtime/telemetry/spans'

const page = new URL('../../../docs/operations.md', import.meta.url)
const block = /(<!-- spans -->\n)[\s\S]*(<!-- \/spans -->)/

function table(): string {
  const rows = Object.values(spans).map(({ title, kind, process, parent, covers }) => {
    return `| ${[`\`${title}\``, kind, process, parent, covers].join(' | ')} |\n`
  })
  return `| span | kind | process | stands below | covers |\n| --- | --- | --- | --- | --- |\n${rows.join('')}`
}

test('docs/operations.md lists every span; UPDATE_DOCS=1 writes them anew', () => {
  const text = readFileSync(page, 'utf8')
  const current = text.replace(block, (_, before, after) => `${before}${table()}${after}`)
  assert.match(text, block)
  if (process.env.UPDATE_DOCS) writeFileSync(page, current)
  else assert.equal(text, current)
})
