import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@micropay/runtime/clock'
import type { Http } from '@micropay/runtime/http'
import { ProblemError } from '@micropay/runtime/problem-error'
import { keysOf, type Secret } from '@micropay/runtime/settings/key-ring'
import { AccountId } from '@micropay/schemas/identifiers'
import { partitionOf } from '@micropay/schemas/placement'
import { z } from 'zod'
import { accounts } from '../decide/account.ts'
import type { Elsewhere } from '../decide/ledger.ts'
import type { PartitionOwner } from '../handle/partition-owner.ts'
import type { Shares } from '../share/shares.ts'

/** How an account stands in a partition of another worker; undefined where nobody says. */
export type LookElsewhere = (tenant: string, accountId: AccountId) => Promise<Elsewhere | undefined>

const PATH = '/worker/account'
const SIGNATURE = 'micropay-worker'
const ANSWERS_WITHIN_MS = 2_000
/** How far the clocks of two workers may be apart. */
const SIGNED_WITHIN_MS = 60_000

const Asked = z.strictObject({ tenant: z.string(), accountId: AccountId, atMs: z.coerce.number() })
type Stored = Parameters<typeof accounts.decode>[0]

/**
 * What a command needs to know of an account elsewhere is asked of the worker that has it, in the name of no caller:
 * what a caller may learn of it is for the decision to say. So workers alone may ask: each request is signed with a key
 * that is made of the secret which they share (HMAC-SHA-256).
 */
export function createLookElsewhere(options: LookOptions): LookElsewhere {
  const { partitions, peers, clock, fetchWorker = fetch } = options
  const sign = signer(options)
  return async (tenant, accountId) => {
    const owner = peers.ownerOf(partitionOf(accountId, partitions))
    if (!owner || owner.isOurs) return undefined
    const query = new URLSearchParams({ tenant, accountId, atMs: String(clock.nowMs()) }).toString()
    try {
      const [signature = ''] = sign(query)
      const headers = { [SIGNATURE]: signature }
      const signal = clock.deadline(ANSWERS_WITHIN_MS)
      const answer = await fetchWorker(`${owner.url}${PATH}?${query}`, { headers, signal, redirect: 'manual' })
      if (answer.status !== 200) return undefined
      const { account } = z.object({ account: z.custom<Stored>().nullable() }).parse(await answer.json())
      return { accountId, account: account === null ? undefined : accounts.decode(account) }
    } catch {
      return undefined
    }
  }
}

/** The other side of it. */
export function answerLooks(app: Http, owners: readonly PartitionOwner[], options: LookOptions): void {
  const sign = signer(options)
  app.get(PATH, { schema: { hide: true } }, async (request) => {
    const query = request.url.slice(PATH.length + 1)
    const said = String(request.headers[SIGNATURE])
    const asked = Asked.safeParse(request.query).data
    const isSigned = sign(query).some((own) => isSame(said, own))
    if (!isSigned || !asked || Math.abs(options.clock.nowMs() - asked.atMs) > SIGNED_WITHIN_MS) {
      throw new ProblemError('forbidden', 'only a worker of this ledger may ask this')
    }
    const { tenant, accountId } = asked
    const seen = owners[partitionOf(accountId, owners.length)]?.look(tenant, accountId)
    if (!seen) throw new ProblemError('not_owner', 'this worker does not serve the partition of that account')
    return { account: seen.account ? accounts.encode(seen.account) : null }
  })
}

export type LookOptions = {
  readonly secret: Secret
  readonly partitions: number
  readonly peers: Pick<Shares, 'ownerOf'>
  readonly clock: Clock
  readonly fetchWorker?: typeof fetch | undefined
}

/** The signatures by all keys of the ring, that of the first one first. */
function signer({ secret }: LookOptions): (text: string) => readonly string[] {
  const made = (one: string) => Buffer.from(hkdfSync('sha256', one, '', 'micropay requests between workers', 32))
  const keys = keysOf(secret, made)
  return (text) => keys().map((key) => createHmac('sha256', key).update(text).digest('base64url'))
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}
