const day = '<Dt><Dt>2026-03-02</Dt></Dt>'
const balance = (code: string, amount: string) =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>${day}</Bal>`
const line = (sign: string, amount: string, reference: string) =>
  `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${sign}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-03</Dt></BookgDt>
   <NtryDtls><TxDtls><Refs><EndToEndId>${reference}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>`

/**
 * A credit that is in the ledger, a debit of another amount, and a fee that the ledger does not know; E2E-300 is not in
 * it.
 */
export const bankStatement = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>2026-061</Id>
  <Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>${balance('OPBD', '1000.00')}${balance('CLBD', '1206.50')}
  ${line('CRDT', '250.00', 'E2E-100')}${line('DBIT', '41.00', 'E2E-200')}${line('DBIT', '2.50', 'FEE-1')}</Stmt></BkToCstmrStmt></Document>`

type Transfer = readonly [from: string, to: string, amount: string, reference: string]

/** What the ledger has of the same day, as payments of `bank:house`. */
export const bankPayments: readonly Transfer[] = [
  ['bank:house', 'ada:main', '25000', 'E2E-100'],
  ['ada:main', 'bank:house', '4000', 'E2E-200'],
  ['bank:house', 'ben:main', '999', 'E2E-300'],
]
export const bankPaymentsAt = '2026-03-02T12:00:00Z'
