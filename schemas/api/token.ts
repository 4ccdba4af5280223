import { z } from 'zod'
import { OwnerId } from '../identifiers.ts'
import type { PaymentDetail } from './confirmation.ts'

/**
 * What a token may allow; the gateway checks them by route, and the services check who owns the object. Those of the
 * platform reach over all tenants, so they are for who runs the house, and no tenant's staff needs one.
 */
export const scopes = {
  'accounts:read': 'see the accounts and payments that you own',
  'accounts:read:any': 'see every account and payment',
  'accounts:manage': 'open, freeze, unfreeze and close accounts',
  'payments:make': 'pay from accounts that you own',
  'payments:book': 'book payments between any accounts: deposits, withdrawals, imports',
  'reconciliation:read': 'see the trial balance, the chart of accounts and reconciliations',
  'reconciliation:operate': 'import bank statements',
  'approvals:decide': 'approve and refuse what others propose',
  'policies:set': 'say which commands need two persons',
  'periods:close': 'close and reopen periods, and set the zone of their days',
  'audit:read': 'replay accounts, see records of the log and how it was verified, and who did so',
  'platform:read': 'see how workers and read models stand, and which messages between partitions are parked',
  'platform:operate': 'rebuild read models, and try parked messages again or drop them',
  'platform:verify': 'have the whole log read and verified',
} as const
export type Scope = keyof typeof scopes

/** Seconds since 1970, UTC, as RFC 7519 has them; fractions are allowed. */
const NumericDate = z.number().min(0).max(1e11)

/**
 * The claims that MicroPay asks of an access token: those of RFC 9068, of which only `scope` may be missing there;
 * `tenant` is ours. `cnf` (RFC 7800) says who alone may present it.
 */
export const AccessTokenClaims = z.object({
  iss: z.string(),
  sub: OwnerId,
  aud: z.union([z.string(), z.array(z.string())]),
  exp: NumericDate,
  iat: NumericDate,
  nbf: NumericDate.optional(),
  jti: z.string().min(1),
  client_id: z.string().regex(/^[A-Za-z0-9._:@-]{1,64}$/),
  tenant: z.string().regex(/^[A-Za-z0-9._-]{1,32}$/),
  scope: z.string(),
  name: z.string().optional(),
  cnf: z.record(z.string(), z.unknown()).optional(),
  /** Asked of who confirms a payment alone: for all else a token is as good without them, whatever stands there. */
  acr: z.string().optional().catch(undefined),
  auth_time: NumericDate.optional().catch(undefined),
  authorization_details: z.array(z.unknown()).optional().catch(undefined),
})
export type AccessTokenClaims = z.infer<typeof AccessTokenClaims>

/** Who calls: a verified token, ready to be asked. */
export type Caller = {
  readonly subject: OwnerId
  readonly client: string
  readonly tenant: string
  readonly scopes: ReadonlySet<string>
  readonly expiresAt: number
  /** How and when the person signed in, as the issuer calls it, where it says so. */
  readonly authentication?: { readonly acr: string; readonly atMs: number } | undefined
  /** The payments that they confirmed then. */
  readonly confirmed?: readonly PaymentDetail[] | undefined
}

/** The gateway's GET /session, for the browser. */
export const Session = z
  .object({
    subject: OwnerId,
    name: z.string(),
    scopes: z.array(z.string()),
    csrfToken: z.string(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof Session>

/** The gateway's POST /session/logout, where signing out goes on at the issuer: the browser goes there. */
export const SignedOut = z
  .object({ endSessionUrl: z.url({ protocol: /^https?$/, error: 'must be an address of the issuer' }) })
  .meta({ id: 'SignedOut' })
export type SignedOut = z.infer<typeof SignedOut>
