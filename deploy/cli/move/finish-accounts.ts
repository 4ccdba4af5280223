import type { Account } from '@micropay/schemas/api/account'
import { type Asking, ask, forEach } from './ask.ts'
import { differencesOf } from './compare-ledgers.ts'
import { accountsOf } from './new-accounts.ts'
import type { OldAccount } from './old-account.ts'
import type { Survey } from './survey.ts'
import { noteReason, type Tally } from './tally.ts'

type Command = { readonly path: string; readonly body: object }

const changing = new Set(['overdraftLimit', 'name', 'ownerReference', 'path'])

/**
 * What an account needs to be what it was, once all payments are there: limits, flags and freezes would have stood in
 * their way. In the order in which it is taken.
 */
export function commandsFor(old: OldAccount, account: Account): Command[] {
  const differences = new Set(differencesOf(old, account).map(({ what }) => what))
  const { name = null, ownerReference = null, path = null, overdraftLimit } = old
  const all = Object.entries({ name, ownerReference, path, overdraftLimit })
  const changed = all.filter(([what]) => differences.has(what) && changing.has(what))
  const reason = 'as in the ledger that it was moved from'
  const value = old.receivesFromCustomers ?? false
  const closes = old.status === 'closed' && differences.has('status')
  const freezes = old.status === 'frozen' && (differences.has('status') || differences.has('frozen'))
  return [
    ...(changed.length > 0 ? [{ path: 'change', body: Object.fromEntries(changed) }] : []),
    ...(differences.has('receivesFromCustomers')
      ? [{ path: 'flag', body: { flag: 'receivesFromCustomers', value } }]
      : []),
    ...(freezes ? [{ path: 'freeze', body: { reason, direction: old.frozen } }] : []),
    ...(closes ? [{ path: 'close', body: { reason } }] : []),
  ]
}

export type FinishOptions = {
  readonly asking: Asking
  readonly survey: Survey
  readonly tally: Tally
  /** Names a command as it follows from where the old ledger stands. */
  readonly keyOf: (what: string) => string
  readonly onProgress: (accounts: number) => void
}

/** Brings limits, names, flags, freezes and closings to what they were. */
export async function finishAccounts({ asking, survey, tally, keyOf, onProgress }: FinishOptions): Promise<void> {
  let done = 0
  for await (const page of accountsOf(asking.ledger, asking.seen.positions())) {
    await forEach(page, async (account) => {
      const old = survey.accounts.get(account.accountId)
      for (const { path, body } of old ? commandsFor(old, account) : []) {
        const { accountId } = account
        const url = `/v1/accounts/${encodeURIComponent(accountId)}/${path}`
        const asked = await ask(asking, url, keyOf(`${path}:${accountId}`), body)
        if (asked.kind === 'done') tally.done += 1
        if (asked.kind === 'waiting') tally.waiting += 1
        if (asked.kind === 'refused') tally.refused += 1
        if (asked.kind !== 'done') noteReason(tally, `${path} ${accountId}`, reasonIn(asked))
      }
      done += 1
      onProgress(done)
    })
  }
}

export function reasonIn(asked: { readonly kind: 'waiting' } | { readonly kind: 'refused'; readonly reason: string }) {
  return asked.kind === 'refused' ? asked.reason : 'it needs a second person there'
}
