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

test('amounts are decimals of their currency, and a minus of ours stays', () => {
  assert.equal(
    csvLine([csvAmount('-1050', 'EUR'), csvAmount('1050', 'JPY'), csvAmount('5', 'KWD')]),
    '-10.50,1050,0.005\r\n',
  )
})
