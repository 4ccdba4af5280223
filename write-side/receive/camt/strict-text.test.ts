import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseStatement } from './parse-statement.ts'

/** A statement of one entry with this text, in UTF-8 and with the namespace of a bank. */
function camt(text: string, namespace = 'xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"', prefix = '') {
  const dated = (tag: string) => `<${prefix}${tag}><${prefix}Dt>2026-03-01</${prefix}Dt></${prefix}${tag}>`
  const tagged = (tag: string, inside: string, more = '') => `<${prefix}${tag}${more}>${inside}</${prefix}${tag}>`
  const direction = tagged('CdtDbtInd', 'CRDT')
  const balance = (code: string, amount: string) =>
    tagged(
      'Bal',
      tagged('Tp', tagged('CdOrPrtry', tagged('Cd', code))) +
        tagged('Amt', amount, ' Ccy="EUR"') +
        direction +
        dated('Dt'),
    )
  const entry = tagged('Amt', '1.00', ' Ccy="EUR"') + direction + tagged('Sts', 'BOOK') + dated('BookgDt')
  const account = tagged('Acct', tagged('Id', tagged('IBAN', 'NL08INGB0000001234')) + tagged('Ccy', 'EUR'))
  const statement = tagged(
    'Stmt',
    tagged('Id', 'S-1') +
      account +
      balance('OPBD', '10.00') +
      balance('CLBD', '11.00') +
      tagged('Ntry', entry + tagged('AddtlNtryInf', text)),
  )
  return Buffer.from(tagged('Document', tagged('BkToCstmrStmt', statement), ` ${namespace}`))
}

const read = (bytes: Uint8Array) => {
  const parsed = parseStatement(bytes)
  if (parsed.kind === 'statement') return ['text', parsed.statement.lines[0]?.text]
  return [parsed.kind, parsed.kind === 'unreadable' ? parsed.detail : undefined]
}

for (const [text, kept] of [
  ['a &lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;', `a <b> & "c" 'd'`],
  ['Geb&#252;hr &#xFC; &#x1F600;', 'Gebühr ü 😀'],
  ['&#xD83D;&#xDE00;', '😀'],
  ['&amp;amp; &amp;#0;', '&amp; &#0;'],
  ['<![CDATA[R & D, &amp; and &foo; <b>]]>', 'R & D, &amp; and &foo; <b>'],
  ['a<!-- <![CDATA[ -->b<!-- ]]> -->', 'ab'],
] as const) {
  test(`${JSON.stringify(text)} in a statement is ${kept}`, () => {
    assert.deepEqual(read(camt(text)), ['text', kept])
  })
}

for (const [text, named] of [
  ['Geb\u0000hr', 'U+0000'],
  ['Geb\u0001hr', 'U+0001'],
  ['Geb\u001bhr', 'U+001B'],
  ['Geb\uffffhr', 'U+FFFF'],
  ['Geb&#0;hr', '&#0;'],
  ['Geb&#x1B;hr', '&#x1B;'],
  ['Geb&#xFFFF;hr', '&#xFFFF;'],
  ['Geb&#x110000;hr', '&#x110000;'],
  ['Geb&#99999999999;hr', '&#99999999999;'],
  ['Geb&#xD800;hr', 'half of a character'],
  ['Geb&#xDC00;&#xD800;hr', 'half of a character'],
  ['Geb&nbsp;hr', '&nbsp;'],
  ['Geb&uuml;hr', '&uuml;'],
  ['Geb&AMP;hr', '&AMP;'],
] as const) {
  test(`${JSON.stringify(text)} is no text of a statement, and nothing is put in its place`, () => {
    const [what, detail = ''] = read(camt(text))
    assert.equal(what, 'unreadable')
    assert.ok(detail.includes(named) && /send the whole file|ask the bank/i.test(detail), detail)
  })
}

test('what stands in another namespace is no camt.053, whatever its tags are called', () => {
  const of = (message: string) => `"urn:iso:std:iso:20022:tech:xsd:${message}"`
  assert.deepEqual(read(camt('x', `xmlns:a=${of('camt.053.001.08')}`, 'a:')), ['text', 'x'])
  assert.deepEqual(read(camt('x', `xmlns='${of('camt.053.001.13').slice(1, -1)}'`)), ['text', 'x'])
  for (const [namespace, prefix] of [
    [`xmlns=${of('pain.001.001.09')}`, ''],
    [`xmlns:a=${of('pain.001.001.09')}`, 'a:'],
    [`xmlns:b=${of('camt.053.001.08')} xmlns:a=${of('pain.001.001.09')}`, 'a:'],
  ] as const) {
    const [what, detail = ''] = read(camt('x', namespace, prefix))
    assert.equal(what, 'unreadable', namespace)
    assert.match(detail, /pain\.001/)
  }
  assert.deepEqual(read(camt('x', '')), ['text', 'x'])
})
