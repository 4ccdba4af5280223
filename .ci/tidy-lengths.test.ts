import assert from 'node:assert/strict'
import { test } from 'node:test'
import { functionsOf, tooLongFiles, tooLongFunctions, tooWide } from './tidy-lengths.ts'

const file = (path: string, lines: number) => ({ path, text: 'x\n'.repeat(lines) })

test('a file of 300 lines passes, and one of 301 does not', () => {
  assert.deepEqual(tooLongFiles([file('a.ts', 300), file('a.md', 999)], {}), [])
  assert.equal(tooLongFiles([file('a.ts', 301)], {}).length, 1)
})

test('a file that was longer already may only shrink, and its number with it', () => {
  const grown = { 'a.ts': 350 }
  assert.deepEqual(tooLongFiles([file('a.ts', 350)], grown), [])
  assert.match(tooLongFiles([file('a.ts', 351)], grown)[0] ?? '', /has 351 lines, over 350/)
  assert.match(tooLongFiles([file('a.ts', 340)], grown)[0] ?? '', /has 340 lines now/)
  assert.match(tooLongFiles([file('a.ts', 300)], grown)[0] ?? '', /no longer too long/)
})

test('functions are measured from their first line to their last', () => {
  const body = (lines: number, indentation = '') => `${indentation}  a()\n`.repeat(lines)
  const text = [
    `export async function first(\n  a: number,\n): Promise<void> {\n${body(2)}}`,
    `const second = (a: number) => {\n${body(1)}}`,
    `function third() {\n${body(1)}  const inner = () => {\n${body(3, '  ')}  }\n}`,
  ].join('\n\n')
  const measured = functionsOf({ path: 'a.ts', text }).map(({ name, lines }) => [name, lines])
  assert.deepEqual(measured, [
    ['a.ts first', 6],
    ['a.ts second', 3],
    ['a.ts third', 8],
    ['a.ts inner', 5],
  ])
})

test('every shape of a function is measured, and what is no function is not', () => {
  const body = (lines: number, indentation = '') => `${indentation}  a()\n`.repeat(lines)
  const text = [
    `const spread = (\n  a: number,\n): string => {\n${body(1)}}`,
    `const old = async function () {\n${body(1)}}`,
    `const table = {\n  method(a: number): void {\n${body(2, '  ')}  },\n}`,
    `const other = {\n  arrow: async () => {\n${body(1, '  ')}  },\n}`,
    `app.get('/', async (request) => {\n${body(3)}})`,
    `if (a) {\n${body(9)}}\nfor (const b of c) {\n${body(9)}}\nconst plain = {\n${body(9)}}`,
  ].join('\n\n')
  const measured = functionsOf({ path: 'a.ts', text }).map(({ name, lines }) => [name, lines])
  assert.deepEqual(measured, [
    ['a.ts spread', 5],
    ['a.ts old', 3],
    ['a.ts method', 4],
    ['a.ts arrow', 3],
    ['a.ts app', 5],
  ])
  const story = `test('long', async () => {\n${body(99)}})\n`
  assert.deepEqual(functionsOf({ path: 'a.test.ts', text: story }), [])
})

test('a function of 70 lines passes, and one of 71 does not', () => {
  const text = (lines: number) => `function long() {\n${'  a()\n'.repeat(lines - 2)}}\n`
  assert.deepEqual(tooLongFunctions([{ path: 'a.ts', text: text(70) }], {}), [])
  assert.equal(tooLongFunctions([{ path: 'a.ts', text: text(71) }], {}).length, 1)
})

test('a line of 120 characters passes, and one of 121 does not', () => {
  const wide = (text: string, grown = {}) => tooWide([{ path: 'a.ts', text }], grown).length
  assert.equal(wide('x'.repeat(120)), 0)
  assert.equal(wide('x'.repeat(121)), 1)
  assert.equal(wide(`// ${'x'.repeat(118)}`), 1)
  assert.equal(tooWide([{ path: 'a.md', text: 'x'.repeat(121) }], {}).length, 0)
})

test('texts that were wider already may only become fewer, and comments have no such leave', () => {
  const text = `${'x'.repeat(121)}\n${'y'.repeat(121)}\n`
  const found = (grown: Record<string, number>, more = '') => tooWide([{ path: 'a.ts', text: text + more }], grown)
  assert.deepEqual(found({ 'a.ts': 2 }), [])
  assert.equal(found({ 'a.ts': 1 }).length, 2)
  assert.match(found({ 'a.ts': 3 })[0] ?? '', /has 2 texts over the edge now/)
  assert.equal(found({ 'a.ts': 2 }, ` * ${'z'.repeat(118)}`).length, 1)
})
