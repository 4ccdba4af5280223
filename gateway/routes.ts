import type { Caller, Scope } from '@micropay/schemas/api/token'

/**
 * The services behind the gateway, apart from the projections: each has a `<NAME>_URL` in its environment (main.ts).
 */
export const upstreamNames = ['write-side', 'accounts', 'audit', 'reconciliation'] as const
export type UpstreamName = (typeof upstreamNames)[number]

/** One thing for each of them. */
export function forEachUpstream<Value>(make: (name: UpstreamName) => Value): Readonly<Record<UpstreamName, Value>> {
  const made = upstreamNames.map((name) => [name, make(name)])
  return Object.fromEntries(made)
}

export type Route = {
  readonly method: 'GET' | 'POST'
  /** A Fastify path; `:name` is one segment. */
  readonly path: string
  /** One of these is enough. */
  readonly scopes: readonly Scope[]
  /**
   * `projections` are many: `:service` of the path says which one, and without it all of them are asked. `gateway`
   * answers itself.
   */
  readonly upstream: UpstreamName | 'projections' | 'gateway'
  /** Larger bodies get 413 before, or while, they are forwarded. */
  readonly bodyLimitBytes: number
  /**
   * How the body or the answer flows: small ones, large bodies streamed up, long answers streamed down, events streamed
   * down without an end. A small one that is asked for as a file (isLong) flows like a download, too.
   */
  readonly flow: 'small' | 'upload' | 'download' | 'events'
  /** Whose places it takes, where neither its flow nor the request says so. */
  readonly lane?: 'statement' | 'verify'
  /**
   * Whether callers are told what they were told before while its service is away: who looks at `own` accounts alone,
   * or all. Looks of staff at a person's account, and of auditors, leave a trace at the service: never without it.
   */
  readonly kept?: 'own' | 'all'
  /** What is kept of it may be told for a moment without asking for it (BALANCE_CACHE_MS). */
  readonly isBalance?: true
}

/** Whether what this caller is answered there may be kept. */
export function isKeptFor({ kept }: Route, { scopes }: Pick<Caller, 'scopes'>): boolean {
  return kept === 'all' || (kept === 'own' && !scopes.has('accounts:read:any'))
}

const KIB = 1024
const read = ['accounts:read', 'accounts:read:any'] as const
const pay = ['payments:make', 'payments:book'] as const
/** Whoever may approve, and those who may propose something, and take it back. */
const proposers = [
  ...(['approvals:decide', 'accounts:manage', 'periods:close', 'reconciliation:operate'] as const),
  ...([...pay, 'policies:set'] as const),
] as const
/** The auditor reads what was asked for and decided, and decides nothing. */
const approvalReaders = [...proposers, 'audit:read'] as const

/** Whoever may approve that a period is reopened has to see what was sealed. */
const periodReaders = ['reconciliation:read', 'approvals:decide', 'audit:read'] as const

const get = (path: string, scopes: readonly Scope[], upstream: Route['upstream']): Route => ({
  method: 'GET',
  path,
  scopes,
  upstream,
  bodyLimitBytes: 0,
  flow: 'small',
})
const own = (path: string): Route => ({ ...get(path, read, 'accounts'), kept: 'own' })
const post = (path: string, scopes: readonly Scope[], upstream: Route['upstream']): Route => ({
  method: 'POST',
  path,
  scopes,
  upstream,
  bodyLimitBytes: 64 * KIB,
  flow: 'small',
})

const file = (path: string, scopes: readonly Scope[], upstream: Route['upstream']): Route => ({
  ...get(path, scopes, upstream),
  flow: 'download',
})

/**
 * Every route of the API (docs/api.md): who may call it, and which service answers. The service asks for the same
 * scopes once more (deploy/proof/routes compares them), and checks whose account it is.
 */
export const routes: readonly Route[] = [
  post('/v1/accounts', ['accounts:manage'], 'write-side'),
  { ...post('/v1/accounts/batch', ['accounts:manage'], 'write-side'), bodyLimitBytes: 16 * KIB * KIB, flow: 'upload' },
  post('/v1/accounts/:accountId/freeze', ['accounts:manage'], 'write-side'),
  post('/v1/accounts/:accountId/unfreeze', ['accounts:manage'], 'write-side'),
  post('/v1/accounts/:accountId/close', ['accounts:manage'], 'write-side'),
  post('/v1/accounts/:accountId/change', ['accounts:manage'], 'write-side'),
  post('/v1/accounts/:accountId/flag', ['accounts:manage'], 'write-side'),
  post('/v1/payments', pay, 'write-side'),
  { ...post('/v1/payments/batch', pay, 'write-side'), bodyLimitBytes: 16 * KIB * KIB, flow: 'upload' },
  post('/v1/payments/:paymentId/refund', pay, 'write-side'),
  post('/v1/payments/:paymentId/cancel', pay, 'write-side'),
  post('/v1/policies', ['policies:set'], 'write-side'),
  post('/v1/approvals/:proposalId/approve', ['approvals:decide'], 'write-side'),
  post('/v1/approvals/:proposalId/refuse', proposers, 'write-side'),
  post('/v1/ledger-zone', ['periods:close'], 'write-side'),
  post('/v1/periods', ['periods:close'], 'write-side'),
  post('/v1/periods/:periodId/reopen', ['periods:close'], 'write-side'),
  post('/v1/periods/:periodId/call-off', ['periods:close'], 'write-side'),
  own('/v1/accounts'),
  get('/v1/accounts.csv', read, 'accounts'),
  { ...get('/v1/account-events', read, 'accounts'), flow: 'events' },
  { ...own('/v1/accounts/:accountId'), isBalance: true },
  own('/v1/accounts/:accountId/entries'),
  file('/v1/accounts/:accountId/entries.csv', read, 'accounts'),
  { ...own('/v1/accounts/:accountId/balance'), isBalance: true },
  own('/v1/payments'),
  file('/v1/payments.csv', read, 'accounts'),
  own('/v1/payments/:paymentId'),
  get('/v1/approvals', approvalReaders, 'accounts'),
  get('/v1/approvals/:proposalId', approvalReaders, 'accounts'),
  get('/v1/policies', ['policies:set', 'approvals:decide', 'audit:read'], 'accounts'),
  {
    ...post('/v1/statements', ['reconciliation:operate'], 'write-side'),
    bodyLimitBytes: 8 * KIB * KIB,
    flow: 'upload',
    lane: 'statement',
  },
  post('/v1/statements/:statementId/withdraw', ['reconciliation:operate'], 'write-side'),
  get('/v1/under-way', ['reconciliation:read'], 'reconciliation'),
  get('/v1/trial-balance', ['reconciliation:read'], 'reconciliation'),
  get('/v1/trial-balance/:accountId/entries', ['reconciliation:read'], 'reconciliation'),
  { ...get('/v1/chart-of-accounts', ['reconciliation:read'], 'reconciliation'), kept: 'all' },
  get('/v1/daily-totals', ['reconciliation:read'], 'reconciliation'),
  get('/v1/reconciliations', ['reconciliation:read'], 'reconciliation'),
  get('/v1/reconciliations/:statementId', ['reconciliation:read'], 'reconciliation'),
  { ...get('/v1/periods', [...periodReaders, 'payments:book'], 'reconciliation'), kept: 'all' },
  get('/v1/periods/checklist', ['reconciliation:read'], 'reconciliation'),
  { ...get('/v1/periods/:periodId', periodReaders, 'reconciliation'), kept: 'all' },
  get('/v1/audit/accounts/:accountId/replay', ['audit:read'], 'audit'),
  get('/v1/audit/payments/:paymentId', ['audit:read'], 'audit'),
  get('/v1/audit/payments/:paymentId/steps', ['audit:read'], 'audit'),
  get('/v1/audit/records/:partition/:seq', ['audit:read'], 'audit'),
  { ...file('/v1/audit/partitions/:partition/verify', ['platform:verify'], 'audit'), lane: 'verify' },
  { ...file('/v1/audit/verify', ['platform:verify'], 'audit'), lane: 'verify' },
  get('/v1/audit/verifications', ['audit:read', 'platform:read'], 'audit'),
  get('/v1/audit/accesses', ['audit:read'], 'audit'),
  own('/v1/payees'),
  post('/v1/payees', pay, 'write-side'),
  post('/v1/payees/check', ['payments:make'], 'write-side'),
  post('/v1/payees/:alias/remove', pay, 'write-side'),
  get('/v1/projections', ['platform:read'], 'projections'),
  post('/v1/projections/:service/rebuild', ['platform:operate'], 'projections'),
  post('/v1/projections/:service/rollback', ['platform:operate'], 'projections'),
  get('/v1/workers', ['platform:read'], 'write-side'),
  get('/v1/parked', ['platform:read'], 'write-side'),
  post('/v1/parked/:parkedId/retry', ['platform:operate'], 'write-side'),
  post('/v1/parked/:parkedId/drop', ['platform:operate'], 'write-side'),
  get('/v1/traffic', ['platform:read'], 'gateway'),
  get('/v1/history', ['platform:read'], 'gateway'),
  get('/v1/configuration', ['platform:operate'], 'gateway'),
]

/**
 * The methods that each path offers: for 405 and its Allow header. There is no HEAD: a service would make a whole file
 * or list to throw it away.
 */
export function methodsByPath(table: readonly Route[]): ReadonlyMap<string, readonly string[]> {
  const offered = new Map<string, string[]>()
  for (const route of table) {
    const methods = offered.get(route.path) ?? []
    methods.push(route.method)
    offered.set(route.path, methods)
  }
  return offered
}
