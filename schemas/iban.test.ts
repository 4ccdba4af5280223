import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalIban, wrongWithIban } from './iban.ts'

/** Examples of the IBAN registry. */
const examples = [
  ...['NL91 ABNA 0417 1643 00', 'DE89 3704 0044 0532 0130 00', 'GB29 NWBK 6016 1331 9268 19', 'NO93 8601 1117 947'],
  ...[
    'FR14 2004 1010 0505 0001 3M02 606',
    'MT84 MALT 0110 0001 2345 MTLC AST0 01S',
    'BR15 0000 0000 0000 1093 2840 814P 2',
  ],
  'LC55HEMM000100010012001200023015',
]

test('the examples of the registry are taken, however they are written', () => {
  for (const example of examples) assert.equal(wrongWithIban(normalIban(example.toLowerCase())), undefined, example)
})

test('every digit but its own in any place is found', () => {
  const iban = 'NL91ABNA0417164300'
  for (const index of [2, 3, ...Array.from({ length: 10 }, (_, place) => place + 8)]) {
    for (const digit of '0123456789') {
      const other = `${iban.slice(0, index)}${digit}${iban.slice(index + 1)}`
      if (other !== iban) assert.match(wrongWithIban(other) ?? '', /check digits/, other)
    }
  }
})

test('a country has its number of characters, and what is no IBAN is told so', () => {
  assert.match(wrongWithIban('NL91ABNA04171643000') ?? '', /one of NL has 18 characters, and this one 19/)
  for (const text of [
    'NL1',
    '',
    'NL91 ABNA 0417 1643 00',
    'nl91abna0417164300',
    '9191ABNA0417164300',
    `NL91${'1'.repeat(31)}`,
  ]) {
    assert.match(wrongWithIban(text) ?? '', /an IBAN is two letters/, text)
  }
})

test('a country that joins later is known by its check digits alone', () => {
  assert.equal(wrongWithIban('ZZ66000000000000000'), undefined)
  assert.match(wrongWithIban('ZZ67000000000000000') ?? '', /check digits/)
})
