const day = '<Dt><Dt>2026-03-02</Dt></Dt>'

function balance(code: string, amount: string): string {
  const type = `<Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>`
  return `<Bal>${type}<Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>${day}</Bal>`
}

function line(sign: string, amount: string, reference: string): string {
  const booked = '<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-03</Dt></BookgDt>'
  return `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${sign}</CdtDbtInd>${booked}
   <NtryDtls><TxDtls><Refs><EndToEndId>${reference}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>`
}

function statement(id: string, [opening, closing]: readonly [string, string], lines: readonly string[]): string {
  const account = '<Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>'
  return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>${id}</Id>
  ${account}${balance('OPBD', opening)}${balance('CLBD', closing)}
  ${lines.join('')}</Stmt></BkToCstmrStmt></Document>`
}

/**
 * A credit that is in the ledger, a debit of another amount, and a fee that the ledger does not know; E2E-300 is not in
 * it.
 */
export const bankStatement = statement(
  '2026-061',
  ['1000.00', '1206.50'],
  [line('CRDT', '250.00', 'E2E-100'), line('DBIT', '41.00', 'E2E-200'), line('DBIT', '2.50', 'FEE-1')],
)

/** Of 1,500 lines in three records of the ledger: 1,000 credits of 0.02 and 500 debits of 0.01. */
export const longBankStatement = statement(
  '2026-062',
  ['1206.50', '1221.50'],
  Array.from({ length: 1_500 }, (_, index) => {
    const reference = `E2E-${index}-${'x'.repeat(1_800)}`
    return index % 3 === 0 ? line('DBIT', '0.01', reference) : line('CRDT', '0.02', reference)
  }),
)

type Transfer = readonly [from: string, to: string, amount: string, reference: string]

/** What the ledger has of the same day, as payments of `bank:house`. */
export const bankPayments: readonly Transfer[] = [
  ['bank:house', 'ada:main', '25000', 'E2E-100'],
  ['ada:main', 'bank:house', '4000', 'E2E-200'],
  ['bank:house', 'ben:main', '999', 'E2E-300'],
]
export const bankPaymentsAt = '2026-03-02T12:00:00Z'
