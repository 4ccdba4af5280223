import { ConfigError, readConfig } from '@micropay/runtime/config'
import { InputError } from '@micropay/sdk/input-error'
import { connectLedger } from '@micropay/sdk/ledger-client'
import { z } from 'zod'
import { issuedTokens } from './issued-tokens.ts'
import { smoke } from './smoke.ts'

/**
 * `npx pnpm@12 smoke`: whether an installation takes a payment and tells it again, by SMOKE_URL, SMOKE_ISSUER,
 * SMOKE_CLIENT_ID and SMOKE_CLIENT_SECRET; SMOKE_SCOPE is asked for where it is given. Exit code 0 when it does, 1 with
 * the step at which it does not, 2 for settings that do not fit.
 */
const url = (of: string) => z.url({ protocol: /^https?$/, error: `must be the address of ${of}, such as https://host` })
const given = (of: string) => {
  const missing = { error: `must be ${of}` }
  return z.string(missing).min(1, missing)
}
const patience = { error: 'must be for how many seconds a request is tried again, from 1 to 3600' }
const settings = z.object({
  SMOKE_URL: url('the gateway'),
  SMOKE_ISSUER: url('the issuer of access tokens'),
  SMOKE_CLIENT_ID: given('a client of the issuer that may open accounts and make payments'),
  SMOKE_CLIENT_SECRET: given('the secret of that client'),
  SMOKE_SCOPE: z.string().optional(),
  SMOKE_PATIENCE_SECONDS: z.coerce.number(patience).min(1, patience).max(3600, patience).default(60),
})
const say = (line: string) => void process.stdout.write(`${line}\n`)

try {
  const config = readConfig(settings)
  const accessToken = issuedTokens({
    ...{ issuer: config.SMOKE_ISSUER, id: config.SMOKE_CLIENT_ID, secret: config.SMOKE_CLIENT_SECRET },
    scope: config.SMOKE_SCOPE,
  })
  const ledger = connectLedger({
    ...{ url: config.SMOKE_URL, accessToken, patienceMs: config.SMOKE_PATIENCE_SECONDS * 1000 },
    onWait: (reason) => say(`  waits: ${reason}`),
  })
  try {
    await smoke(ledger, say)
  } finally {
    await ledger.close()
  }
  say('ok')
} catch (error) {
  say(`FAILED ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = error instanceof ConfigError || error instanceof InputError ? 2 : 1
}
