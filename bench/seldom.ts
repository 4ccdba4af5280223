import { randomUUID } from 'node:crypto'

type Tokens = { readonly fiona: string; readonly olga: string }

/**
 * What a ledger has few of, so that each query finds something: a bank's statement, payments that were refused, saved
 * payees.
 */
export async function bookSeldom(url: string, tokens: Tokens): Promise<void> {
  await importStatement(url, tokens)
  const refused = Array.from({ length: 200 }, (_, index) => ({
    idempotencyKey: `refused-${index}`,
    postings: [{ from: 'bench:nobody', to: `bench:${index}`, amount: '100', currency: 'EUR' }],
  }))
  await post(`${url}/v1/payments/batch`, tokens.olga, 'application/json', JSON.stringify({ payments: refused }))
  for (let index = 0; index < 50; index += 1) {
    const payee = { alias: `Payee ${index}`, accountId: `bench:${index}` }
    await post(`${url}/v1/payees`, tokens.olga, 'application/json', JSON.stringify(payee))
  }
}

/** A bank's statement of 500 lines for `bench:bank`, and the payments of half of them. */
async function importStatement(url: string, { fiona, olga }: Tokens): Promise<void> {
  const lines = Array.from({ length: 500 }, (_, index) => index)
  const entries = lines.map(
    (
      line,
    ) => `<Ntry><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2025-06-15</Dt></BookgDt>
      <NtryDtls><TxDtls><Refs><EndToEndId>E2E-${line}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>`,
  )
  const balance = (code: string, amount: number) =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2025-06-15</Dt></Dt></Bal>`
  const body = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>bench-1</Id>
    <Acct><Id><IBAN>NL68BANK0000000001</IBAN></Id><Ccy>EUR</Ccy></Acct>${balance('OPBD', 0)}${balance('CLBD', lines.length)}${entries.join('')}</Stmt></BkToCstmrStmt></Document>`
  await post(`${url}/v1/statements?account=bench:bank`, fiona, 'application/xml', body)
  const payments = lines.slice(0, 250).map((line) => ({
    idempotencyKey: `statement-${line}`,
    postings: [{ from: 'bench:bank', to: `bench:${line}`, amount: '100', currency: 'EUR' }],
    reference: `E2E-${line}`,
    effectiveAt: '2025-06-15T12:00:00Z',
  }))
  await post(`${url}/v1/payments/batch`, olga, 'application/json', JSON.stringify({ payments }))
}

async function post(url: string, token: string, contentType: string, body: string): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': contentType, 'idempotency-key': randomUUID() },
    body,
  })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
}
