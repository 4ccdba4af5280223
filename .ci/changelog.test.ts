import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'

const read = (name: string) => readFileSync(resolve(import.meta.dirname, '..', name), 'utf8')

test('the changes are told of the version that package.json has, and of each before it, with its day', () => {
  const headings = [...read('CHANGELOG.md').matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading)
  const [newest = '', ...before] = headings
  const { version } = JSON.parse(read('package.json'))
  assert.match(newest, /^[0-9]+\.[0-9]+\.[0-9]+ \((not released yet|[0-9]{4}-[0-9]{2}-[0-9]{2})\)$/)
  assert.equal(newest.split(' ')[0], version)
  for (const heading of before) assert.match(heading, /^[0-9]+\.[0-9]+\.[0-9]+ \([0-9]{4}-[0-9]{2}-[0-9]{2}\)$/)
})
