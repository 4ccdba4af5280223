import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { minorOf } from './minor.ts'
import { parseStatement } from './parse-statement.ts'

type Line = { amount: string; sign?: string; status?: string; currency?: string; more?: string }

function camt(lines: readonly Line[], closing: string, { version = '02', head = '', account = '', copies = 1 } = {}) {
  const balance = (code: string, amount: string) =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt>
     <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-01</Dt></Dt></Bal>`
  const entries = lines.map(
    ({ amount, sign = 'CRDT', status = 'BOOK', currency = 'EUR', more = '' }) =>
      `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${sign}</CdtDbtInd>
       <Sts>${version > '04' ? `<Cd>${status}</Cd>` : status}</Sts>
       <BookgDt><Dt>2026-03-01</Dt></BookgDt>${more}</Ntry>`,
  )
  const owner = '<Acct><Id><IBAN>NL08 INGB 0000 0012 34</IBAN></Id><Ccy>EUR</Ccy></Acct>'
  const balances = `${balance('OPBD', '10.00')}${balance('CLBD', closing)}`
  const statement = `<Stmt><Id>S-1</Id>${owner}${balances}${entries.join('')}${account}</Stmt>`
  const namespace = `urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}`
  const message = `<BkToCstmrStmt>${statement.repeat(copies)}</BkToCstmrStmt>`
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>${head}<Document xmlns="${namespace}">${message}</Document>`,
  )
}

const detailOf = (bytes: Uint8Array) => {
  const parsed = parseStatement(bytes)
  return parsed.kind === 'unreadable' ? parsed.detail : parsed.kind
}

for (const version of ['02', '04', '06', '08', '13']) {
  test(`version ${version}: amounts are exact minor units, credits come in and debits go out`, () => {
    const remittance = '<RmtInf><Ustrd>Rent</Ustrd><Ustrd>March</Ustrd></RmtInf>'
    const references = '<Refs><EndToEndId>E&amp;2&#69;</EndToEndId></Refs>'
    const more = `<NtryDtls><TxDtls>${references}${remittance}</TxDtls></NtryDtls>`
    const parsed = parseStatement(
      camt(
        [
          { amount: '0.10', more },
          { amount: '0.2000', sign: 'DBIT' },
        ],
        '9.9',
        { version },
      ),
    )
    assert.ok(parsed.kind === 'statement')
    const { statementId, iban, opening, closing, lines } = parsed.statement
    assert.deepEqual([statementId, iban, opening, closing], ['S-1', 'NL08INGB0000001234', '1000', '990'])
    const details = [{ references: { parties: ['E&2E'] }, text: 'Rent March' }]
    assert.deepEqual(lines[0], { amount: '10', bookedOn: '2026-03-01', references: {}, details })
    assert.equal(lines[1]?.amount, '-20')
  })
}

test('one cent apart does not add up, and the sums are told', () => {
  const parsed = parseStatement(camt([{ amount: '5.00' }, { amount: '2.00', sign: 'DBIT' }], '13.01'))
  assert.ok(parsed.kind === 'does_not_add_up')
  assert.deepEqual(parsed.sums, { credits: 500n, debits: 200n, difference: 1n })
})

test('what is pending or for information is no line', () => {
  const parsed = parseStatement(
    camt(
      [
        { amount: '5.00', status: 'PDNG' },
        { amount: '1.00', status: 'INFO' },
      ],
      '10.00',
    ),
  )
  assert.ok(parsed.kind === 'statement')
  assert.deepEqual(parsed.statement.lines, [])
})

test('what no store can hold does not get in', () => {
  const dated = camt([{ amount: '1.00' }], '11.00')
    .toString()
    .replaceAll('2026-03-01', '0000-03-01')
  assert.match(detailOf(Buffer.from(dated)), /1900 to 2199/)
  const most = '10000000000000000.00'
  const endless = [...Array(20).fill({ amount: most }), ...Array(20).fill({ amount: most, sign: 'DBIT' })]
  assert.match(detailOf(camt(endless, '10.00')), /add up to more/)
  const parsed = parseStatement(Buffer.from(camt([], '10.00').toString().replace('<Id>S-1', '<Id>S&#x202E;&#10;')))
  assert.ok(parsed.kind === 'statement')
  assert.match(parsed.statement.statementId, /^[A-Za-z0-9_-]{43}$/)
})

test('a DOCTYPE is refused before anything is expanded', () => {
  const bomb = `<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`
  assert.match(detailOf(camt([], '10.00', { head: bomb })), /DOCTYPE/)
  assert.match(detailOf(Buffer.from(`<!doctype x SYSTEM "file:///etc/passwd"><x/>`)), /DOCTYPE/)
})

test('a bomb in UTF-16 is refused like any other, and a statement in UTF-16 is taken', () => {
  const text = camt([], '10.00').toString().replace('UTF-8', 'UTF-16')
  const bomb = Buffer.from(`<!DOCTYPE a [<!ENTITY b "c">]>${text}`, 'utf16le')
  assert.match(detailOf(bomb), /DOCTYPE/)
  const littleEndian = Buffer.from(`\ufeff${text}`, 'utf16le')
  assert.equal(parseStatement(littleEndian).kind, 'statement')
  assert.equal(parseStatement(Buffer.from(littleEndian).swap16()).kind, 'statement')
  assert.equal(parseStatement(littleEndian.subarray(2)).kind, 'statement')
})

test('a statement is read in the encoding that it declares, and never in another', () => {
  const more = '<AddtlNtryInf>Gebühr</AddtlNtryInf>'
  const declaring = (declaration: string) =>
    camt([{ amount: '1.00', more }], '11.00')
      .toString()
      .replace('encoding="UTF-8"', declaration)
  const textIn = (bytes: Uint8Array) => {
    const parsed = parseStatement(bytes)
    return parsed.kind === 'statement' ? parsed.statement.lines[0]?.text : detailOf(bytes)
  }
  for (const declaration of ['encoding="ISO-8859-1"', "encoding = 'iso-8859-1'"]) {
    assert.equal(textIn(Buffer.from(declaring(declaration), 'latin1')), 'Gebühr')
  }
  for (const declaration of ['encoding="UTF-8"', '', 'encoding="no-such"']) {
    assert.match(textIn(Buffer.from(declaring(declaration), 'latin1')) ?? '', /the file is not text in /)
  }
  assert.equal(textIn(Buffer.from(`\ufeff${declaring('')}`)), 'Gebühr')
})

test('what hides or reorders text is left out of what a bank wrote', () => {
  const party = '<RltdPties><Dbtr><Nm>\u202eBen\u202c\u2069</Nm></Dbtr></RltdPties>'
  const details = `<Refs><EndToEndId>E&#x200B;17</EndToEndId></Refs>${party}`
  const remittance = '<RmtInf><Ustrd>\ufeffInvoice \u202e05.1 RUE\u202c paid\u2028to\u200d you</Ustrd></RmtInf>'
  const more = `<NtryDtls><TxDtls>${details}${remittance}</TxDtls></NtryDtls>`
  const parsed = parseStatement(camt([{ amount: '1.00', more }], '11.00'))
  assert.ok(parsed.kind === 'statement')
  const [detail] = parsed.statement.lines[0]?.details ?? []
  assert.deepEqual(detail, {
    ...{ references: { parties: ['E17'] }, text: 'Invoice 05.1 RUE paid to\u200d you', counterparty: 'Ben' },
  })
})

test('what is no statement says why, and what to do', () => {
  assert.match(detailOf(Buffer.from('')), /the file is no XML: send the whole file/)
  assert.match(detailOf(Buffer.from('{"json": true}')), /the file is no XML: send the whole file/)
  assert.match(
    detailOf(Buffer.from('<Document><BkToCstmrStmt>')),
    /breaks off within Document\/BkToCstmrStmt: send the/,
  )
  assert.match(detailOf(Buffer.from('<a><b></a>')), /line 1: not well-formed XML: .+ send the whole file/)
  assert.match(detailOf(Buffer.from('<Document/>')), /no camt.053 message, .+: ask the bank/)
  const intraday = camt([], '10.00').toString().replace('camt.053', 'camt.052').replaceAll('BkToCstmrStmt', 'Rpt')
  assert.match(detailOf(Buffer.from(intraday)), /it is a camt.052: ask the bank/)
  assert.match(detailOf(gzipSync('<Document/>')), /a gzip file: unpack it/)
  assert.match(detailOf(Buffer.from('%PDF-1.7')), /a PDF file/)
  assert.match(
    detailOf(camt([], '10.00', { account: '<Ntry/>' })),
    /^Stmt\/Ntry\/0 must be an object, not a string: ask the bank/,
  )
  assert.match(detailOf(Buffer.from([0x3c, 0xff, 0xfe])), /not text in utf-8/)
  assert.match(detailOf(camt([], '10.00', { copies: 2 })), /2 statements/)
  assert.match(detailOf(camt([{ amount: '1.00', currency: 'USD' }], '11.00')), /is in USD, and the account in EUR/)
  assert.match(detailOf(camt([{ amount: '1.001' }], '11.00')), /no amount in EUR/)
  const second = [{ amount: '1.00' }, { amount: '1,00' }]
  assert.match(detailOf(camt(second, '12.00')), /^booked line 2 is "1,00": no amount in EUR/)
  assert.match(detailOf(camt([{ amount: '1e3' }], '11.00')), /no amount in EUR/)
  assert.match(detailOf(camt([{ amount: '-1.00' }], '9.00')), /no amount in EUR/)
  assert.match(detailOf(camt([{ amount: '1.00', sign: 'IN' }], '11.00')), /CRDT/)
})

test('the number of the account is an IBAN that is one, or what a bank without IBANs calls it', () => {
  const owned = (id: string) =>
    Buffer.from(camt([], '10.00').toString().replace('<IBAN>NL08 INGB 0000 0012 34</IBAN>', id))
  const numberOf = (id: string) => {
    const parsed = parseStatement(owned(id))
    return parsed.kind === 'statement' ? parsed.statement.iban : detailOf(owned(id))
  }
  assert.equal(numberOf('<IBAN>nl08 ingb 0000 0012 34</IBAN>'), 'NL08INGB0000001234')
  assert.match(numberOf('<IBAN>NL09INGB0000001234</IBAN>'), /Id\/IBAN NL09INGB0000001234: its check digits .+ Ask the/)
  assert.match(numberOf('<IBAN>NL08INGB00000012345</IBAN>'), /one of NL has 18 characters, and this one 19/)
  assert.equal(numberOf('<Othr><Id>acct 123-45</Id></Othr>'), 'acct123-45')
  assert.equal(numberOf(`<Othr><Id>${'1'.repeat(40)}</Id></Othr>`), '1'.repeat(40))
  assert.match(numberOf(`<Othr><Id>${'1'.repeat(41)}</Id></Othr>`), /Othr\/Id has 41 characters, and at most 40/)
  assert.match(numberOf('<IBAN/>'), /neither IBAN nor Othr\/Id/)
})

test('10,000 lines are taken, and 10,001 are not; nor are so many transactions in them', () => {
  const lines = (count: number) => Array.from({ length: count }, () => ({ amount: '0.01' }))
  assert.equal(parseStatement(camt(lines(10_000), '110.00')).kind, 'statement')
  assert.match(detailOf(camt(lines(10_001), '110.01')), /10001 lines/)
  const more = `<NtryDtls>${'<TxDtls><Refs/></TxDtls>'.repeat(10_001)}</NtryDtls>`
  assert.match(detailOf(camt([{ amount: '0.01', more }], '10.01')), /10001 transactions in its lines/)
})

const refs = (names: Record<string, string>) =>
  `<Refs>${Object.entries(names)
    .map(([name, value]) => `<${name}>${value}</${name}>`)
    .join('')}</Refs>`

test('each of ten transactions is kept with its amount and all that it names', () => {
  const details = Array.from({ length: 10 }, (_, index) => {
    const names = refs({ AcctSvcrRef: `B${index}`, PmtInfId: `P${index}`, EndToEndId: `E${index}`, TxId: `T${index}` })
    return `<TxDtls>${names}<AmtDtls><TxAmt><Amt Ccy="EUR">1.0${index}</Amt></TxAmt></AmtDtls></TxDtls>`
  })
  const more = `<NtryRef>7</NtryRef><AcctSvcrRef>BATCH</AcctSvcrRef><NtryDtls>${details.join('')}</NtryDtls>`
  const taken = parseStatement(camt([{ amount: '10.45', more }], '20.45'))
  assert.ok(taken.kind === 'statement')
  const [line] = taken.statement.lines
  assert.deepEqual([line?.batch, line?.references], [10, { bank: ['BATCH'], position: ['7'] }])
  assert.deepEqual(line?.details?.[9], {
    ...{ amount: '109', references: { parties: ['E9', 'P9'], bank: ['B9', 'T9'] } },
  })
  assert.equal(line?.details?.length, 10)
  // A retry of what earlier code took is known by what that made of the file.
  const references = ['E0', 'P0', 'B0', 'E1', 'P1', 'B1', 'E2', 'P2']
  assert.deepEqual(taken.statement.firstForm.lines, [{ amount: '1045', bookedOn: '2026-03-01', references }])
})

test('a transaction in another currency has no amount, and one the other way round is below zero', () => {
  const amount = (currency: string) => `<Amt Ccy="${currency}">2.00</Amt>`
  const more = `<NtryDtls><Btch><MsgId>M</MsgId><PmtInfId>P</PmtInfId><NbOfTxs>3</NbOfTxs></Btch>
    <TxDtls>${amount('USD')}<AmtDtls><TxAmt>${amount('EUR')}</TxAmt></AmtDtls></TxDtls>
    <TxDtls>${amount('USD')}</TxDtls><TxDtls>${amount('EUR')}<CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls>`
  const parsed = parseStatement(camt([{ amount: '1.00', more }], '11.00'))
  assert.ok(parsed.kind === 'statement')
  const [line] = parsed.statement.lines
  assert.deepEqual(
    line?.details?.map((detail) => detail.amount),
    ['200', undefined, '-200'],
  )
  assert.deepEqual([line?.batch, line?.references], [3, { parties: ['P'], bank: ['M'] }])
})

test('a statement whose id no URL can name is refused', () => {
  const named = (id: string) => Buffer.from(camt([], '10.00').toString().replace('<Id>S-1</Id>', `<Id>${id}</Id>`))
  for (const id of ['.', '..']) assert.match(detailOf(named(id)), /^Stmt\/Id is \.+, which names no statement/)
  for (const id of ['...', '.S']) assert.equal(detailOf(named(id)), 'statement')
})

test('a text is kept whole, and refused when it is longer than any that is kept', () => {
  const told = (length: number) =>
    camt([{ amount: '1.00', more: `<AddtlNtryInf>${'x'.repeat(length)}</AddtlNtryInf>` }], '11.00')
  const parsed = parseStatement(told(2_000))
  assert.ok(parsed.kind === 'statement')
  assert.equal(parsed.statement.lines[0]?.text?.length, 2_000)
  assert.match(detailOf(told(2_001)), /a text has 2001 characters, and at most 2000 are kept/)
})

test('an amount has the digits of its currency, and zeros beyond them are none', () => {
  assert.equal(minorOf('10.50', 'EUR'), 1050n)
  assert.equal(minorOf('10.50000', 'EUR'), 1050n)
  assert.equal(minorOf('10.', 'EUR'), 1000n)
  assert.equal(minorOf('1.234', 'KWD'), 1234n)
  assert.equal(minorOf('5.0', 'JPY'), 5n)
  assert.equal(minorOf('5.1', 'JPY'), undefined)
  assert.equal(minorOf('9007199254740993.01', 'EUR'), 900719925474099301n)
})

const folder = process.env.STATEMENTS_DIR ?? resolve(import.meta.dirname, '../../../../shared/data/statements')
const skip = existsSync(folder) ? false : `Statement files in ${folder} are not there (set STATEMENTS_DIR)`
const assets = join(folder, 'camt/svapnil-iso20022.js/test/assets')

const real: readonly [string, string, string, number][] = [
  ['abn_amro', '100001', '10001', 13],
  ['ing', '100000', '160500', 9],
  ['nordea', '20050', '880050', 6],
]
for (const [bank, opening, closing, count] of real) {
  test(`the file of ${bank} adds up`, { skip }, () => {
    const file = readFileSync(join(assets, bank, 'example_camt.xml'), 'utf8')
    // The check digits of this example are wrong.
    const parsed = parseStatement(Buffer.from(file.replace('FI8529501800030574', 'FI3629501800030574')))
    assert.ok(parsed.kind === 'statement', JSON.stringify(parsed.kind))
    const { statement } = parsed
    assert.deepEqual([statement.opening, statement.closing, statement.lines.length], [opening, closing, count])
  })
}

test('the sample of Goldman Sachs does not add up', { skip }, () => {
  const parsed = parseStatement(readFileSync(join(assets, 'goldman_sachs/camt_053_uk_v2_1.xml')))
  assert.ok(parsed.kind === 'does_not_add_up')
  assert.notEqual(parsed.sums.difference, 0n)
})
