import { dirname } from 'node:path'
import type { Help, Stops } from './find-stops.ts'
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
  readonly stops: Stops
  readonly observed?: { readonly prometheus: string; readonly alertmanager: string } | undefined
}

/**
 * What the terminal says when all is ready: one address, and what to try. Where something stands still it is not called
 * ready: what it is, why, and what helps.
 */
export function welcomeText(welcome: Welcome): string {
  const { url, issuer, logText, took, seeded, hasExamples, logDirectory, stops } = welcome
  if (stops.lines.length > 0) return stoppedText(welcome)
  const book = seeded
    ? [`  Example ledger: ${seeded.accounts} accounts, ${seeded.payments} payments, ${seeded.refused} refused ones`]
    : []
  return `
MicroPay is ready after ${took}

  ${url}

  Sign in without a password, as
    Ada or Ben (customers), Olga or Otto (operators), Fiona or Frank (finance), Vera (auditor), Sam (SRE)
  What needs two persons is asked for by one and approved by another: Olga and Otto, Fiona and Frank
${[...book, `  Log: ${logText}`, `  Service logs: ${logDirectory}`, ...observedText(welcome)].join('\n')}

Try, in another terminal:
  npx pnpm@12 micropay status
  npx pnpm@12 micropay import csv FILE        (docs/import.md)
${hasExamples ? paymentByCurl(url, issuer) : ''}
Ctrl-C stops all of it.
`
}

function stoppedText(welcome: Welcome): string {
  const { url, logText, took, logDirectory, stops } = welcome
  const { isServed, isFollowed, help } = stops
  const goingOn = isFollowed ? 'its log is NOT sound' : 'read models stand still'
  const what = isServed ? goingOn : 'the ledger is STOPPED: no payment is taken'
  const goesOn = stops.isServed ? 'Payments are taken' : 'Balances and statements can be read'
  const reasons = stops.lines.map((line) => `  ${line}`).join('\n')
  const page = `${url}/projections`
  return `
MicroPay runs after ${took}, and ${what}

${reasons}

${helpText(help, dirname(logDirectory))}

docs/operations.md, "What stops the ledger", says for each reason what to do. What is mended goes on by itself.
${goesOn} meanwhile; Sam (SRE) sees all of it at ${page}
${[`  Log: ${logText}`, ...observedText(welcome)].join('\n')}

Ctrl-C stops all of it.
`
}

function observedText({ observed }: Welcome): readonly string[] {
  if (observed === undefined) return []
  const { prometheus, alertmanager } = observed
  return [`  Prometheus: ${prometheus}   Alertmanager: ${alertmanager}   (alerts come to this terminal)`]
}

function helpText(help: Help, home: string): string {
  const status = '  npx pnpm@12 micropay status     what is stopped, and why'
  if (help === 'mend this machine') return `Put right what is wrong with this machine. In another terminal:\n${status}`
  const first = `First change nothing, and keep ${home} as it is. In another terminal:`
  const verify = '  npx pnpm@12 micropay verify     what is wrong with the log'
  const resume = '  npx pnpm@12 micropay resume     what is known of the ledger, and what would be lost: it only looks'
  return [first, status, verify, ...(help === 'resume' ? [resume] : [])].join('\n')
}

function paymentByCurl(url: string, issuer: string): string {
  return `
  TOKEN=$(curl -s ${issuer}/token -d grant_type=client_credentials -d client_id=olga -d client_secret=development | sed 's/.*"access_token":"\\([^"]*\\).*/\\1/')
  curl -s ${url}/v1/accounts/ada:main -H "Authorization: Bearer $TOKEN"
  curl -s ${url}/v1/payments -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -H 'Idempotency-Key: try-1' \\
    -d '{"postings":[{"from":"cash:eur","to":"ada:main","amount":"2500","currency":"EUR"}],"reference":"Hello"}'
`
}
