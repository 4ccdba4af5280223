import type { Seeded } from './seed.ts'

export type Welcome = {
  readonly url: string
  readonly issuer: string
  readonly logText: string
  readonly took: string
  /** What this start booked. */
  readonly seeded: Seeded | undefined
  readonly hasExamples: boolean
  readonly logDirectory: string
}

/** What the terminal says when all is ready: one address, and what to try. */
export function welcomeText({ url, issuer, logText, took, seeded, hasExamples, logDirectory }: Welcome): string {
  const book = seeded
    ? [`  Example ledger: ${seeded.accounts} accounts, ${seeded.payments} payments, ${seeded.refused} refused ones`]
    : []
  return `
MicroPay is ready after ${took}

  ${url}

  Sign in as Ada or Ben (customers), Olga (operator), Fiona (finance), Vera (auditor) or Sam (SRE); no password is asked
${[...book, `  Log: ${logText}`, `  Service logs: ${logDirectory}`].join('\n')}

Try, in another terminal:
  npx pnpm@12 micropay status
  npx pnpm@12 micropay import csv FILE        (docs/import.md)
${hasExamples ? paymentByCurl(url, issuer) : ''}
Ctrl-C stops all of it.
`
}

function paymentByCurl(url: string, issuer: string): string {
  return `
  TOKEN=$(curl -s ${issuer}/token -d grant_type=client_credentials -d client_id=olga -d client_secret=development | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')
  curl -s ${url}/v1/accounts/ada:main -H "Authorization: Bearer $TOKEN"
  curl -s ${url}/v1/payments -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -H 'Idempotency-Key: try-1' \\
    -d '{"postings":[{"from":"cash:eur","to":"ada:main","amount":"2500","currency":"EUR"}],"reference":"Hello"}'
`
}
