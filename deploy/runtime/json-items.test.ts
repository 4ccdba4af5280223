import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from './clock.ts'
import { type ItemsOptions, MOST_PARSED_BYTES, parseItems } from './json-items.ts'

const KIB = 1024
const options: ItemsOptions = { name: 'payments', most: 10_000, parse: JSON.parse, clock: systemClock }
const read = (text: string, more: Partial<ItemsOptions> = {}) => parseItems(Buffer.from(text), { ...options, ...more })

const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
for (const text of [
  '{"payments":[]}',
  ' \n{ "payments" : [ ] }\t',
  '{"payments":[1,"a",null,true,{},[],-1.5e3]}',
  '{"payments":[{"a":{"b":[1,2,{"c":"]}"}]}} , [[[]]], "\\"],[\\\\" ]}',
  '{"payments":["ä€😀","\\u00e4",",:{}[]"]}',
  '{"dryRun":true,"payments":[1],"more":{"payments":[2]}}',
  '{"p\\u0061yments":[{"payments":[1]}]}',
  '{"payments":{"0":1}}',
  '{"payments":"[1]"}',
  '{"payments":5}',
  '{}',
  `{"payments":[${deep(8)}]}`,
  `{"payments":["${'x'.repeat(60 * KIB)}",${' '.repeat(60 * KIB)}1]}`,
  `${' '.repeat(200 * KIB)}{"payments":[1]${' '.repeat(200 * KIB)}}${' '.repeat(200 * KIB)}`,
]) {
  test(`${text.trim().slice(0, 60)} is read as the whole would be`, async () => {
    assert.deepEqual(await read(text), JSON.parse(text))
  })
}

for (const text of [
  ...[
    '',
    ' ',
    '{',
    '{"payments"',
    '{"payments":',
    '{"payments":[',
    '{"payments":[1',
    '{"payments":[1]',
    '{"payments":[1]}}',
  ],
  ...['{"payments":[1]},', '{"payments":[1]} 2', '{"payments":[1]}"', '{"payments":[1,]}', '{"payments":[,1]}', '{,}'],
  ...['{"payments":[1 2]}', '{"payments":[1:2]}', '{"payments":[1}]', '{"payments":[{]}]}', '{"payments":[1] [2]}'],
  ...['{"payments":[1]2}', '{"payments":x[1]}', '{"payments":[1],}', '{payments:[1]}', '{1:[1]}', '{"payments"[1]}'],
  ...[
    '{"payments":[tru]}',
    '{"payments":["\u0001"]}',
    '{"payments":["a]}',
    '{"payments"::[1]}',
    '{"a":1 "payments":[1]}',
  ],
]) {
  test(`${JSON.stringify(text)} is no JSON, as it is none as a whole`, async () => {
    assert.throws(() => JSON.parse(text))
    await assert.rejects(
      read(text),
      (error) => error instanceof SyntaxError || Reflect.get(Object(error), 'code') === 'malformed_json',
    )
  })
}

for (const [what, text, pointer] of [
  ['an item that nests too deep', `{"payments":[1,${deep(9)}]}`, '/payments/1'],
  ['another member that nests too deep', `{"more":${deep(9)}}`, '/more'],
  ['too many items', `{"payments":[${'0,'.repeat(10_000)}0]}`, '/payments'],
  ['an item that is too large', `{"payments":["${'x'.repeat(MOST_PARSED_BYTES)}"]}`, '/payments/0'],
  ['an item of blanks', `{"payments":[1,${' '.repeat(80 * KIB)}2]}`, '/payments/1'],
  ['a member that stands there twice', '{"payments":[1],"payments":[2]}', '/payments'],
  ['too many members', `{${Array.from({ length: 17 }, (_, index) => `"m${index}":0`)}}`, ''],
  ['no object', '[1]', ''],
  ['a text', '"payments"', ''],
] as const) {
  test(`${what} is refused, and said where`, async () => {
    await assert.rejects(read(text), { code: 'invalid_request', pointer })
  })
}

for (const [what, text, mostBytes] of [
  ['8 million open brackets', `{"payments":${'['.repeat(8_000_000)}`, 0],
  ['8 million open brackets in an item', `{"payments":[{"a":${'['.repeat(8_000_000)}`, 0],
  ['5 million empty items', `{"payments":[${'[],'.repeat(5_000_000)}1]}`, 10_000 * 2],
  ['an item without end', `{"payments":["${'x'.repeat(15_000_000)}`, 0],
  ['a name without end', `{"${'x'.repeat(15_000_000)}`, 0],
] as const) {
  test(`${what} are refused with next to nothing parsed`, async () => {
    let bytes = 0
    const parse = (item: string): unknown => {
      bytes += item.length
      assert.ok(item.length <= MOST_PARSED_BYTES)
      return JSON.parse(item)
    }
    await assert.rejects(read(text, { parse }), { code: 'invalid_request' })
    assert.ok(bytes <= mostBytes + 20, `${bytes} bytes were parsed`)
  })
}

test('others have a turn whenever 5 ms have passed, however much there is to read', async () => {
  let nowMs = 0
  let sinceMs = 0
  let turns = 0
  let longestMs = 0
  const clock = {
    monotonicMs: () => nowMs,
    turn: async () => {
      longestMs = Math.max(longestMs, nowMs - sinceMs)
      sinceMs = nowMs
      turns += 1
    },
  }
  // Parsing an item takes a quarter of a millisecond here.
  const parse = (text: string): unknown => {
    nowMs += 0.25
    return JSON.parse(text)
  }
  const item = JSON.stringify({ idempotencyKey: 'k', text: 'x'.repeat(1_000) })
  const { payments } = await read(`{"payments":[${Array(10_000).fill(item)}]}`, { parse, clock })
  assert.equal(Array.isArray(payments) && payments.length, 10_000)
  assert.ok(turns >= 400, `${turns} turns`)
  assert.ok(longestMs <= 6.5, `${longestMs} ms at once`)
})
