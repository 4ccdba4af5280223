import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvAmount, csvLine } from './csv.ts'

test('a cell with a comma, a quote or a line end is quoted, and quotes are doubled', () => {
  assert.equal(csvLine(['a,b', 'say "hi"', 'two\nlines', null, '']), '"a,b","say ""hi""","two\nlines",,\r\n')
})

test('a text that a spreadsheet would run gets an apostrophe', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '  =cmd()', '|calc', '%x']) {
    assert.match(csvLine([text]), /^"?'/, JSON.stringify(text))
  }
  assert.equal(csvLine(['rent = 5', 'a-b']), 'rent = 5,a-b\r\n')
})

test('what a spreadsheet of another locale, or one that drops what is not seen, would run is guarded, too', () => {
  const unseen = ['\u200b', '\u202e', '\u061c', '\ufeff', '\u2060', '\u00ad', '\u0000', '\u200d ']
  for (const text of [...unseen.map((hidden) => `${hidden}=1+1`), '＝1', '＋1', '－1', '＠A1', '\u200b＝1']) {
    assert.match(csvLine([text]), /^"?'/, JSON.stringify(text))
  }
  assert.equal(csvLine(['x;=cmd|calc!A0', 'x\t=1']), '"x;=cmd|calc!A0","x\t=1"\r\n')
})

test('the bytes of a harmless cell stay', () => {
  const cells = ['rent = 5', 'Ærø', 'می\u200cخواهم', '👩\u200d👧', 'a|b', 'Dinner 50%', 'x@y.example', '請付款']
  assert.equal(csvLine(cells), `${cells.join(',')}\r\n`)
})

test('amounts are decimals of their currency, and a minus of ours stays', () => {
  assert.equal(
    csvLine([csvAmount('-1050', 'EUR'), csvAmount('1050', 'JPY'), csvAmount('5', 'KWD')]),
    '-10.50,1050,0.005\r\n',
  )
})
