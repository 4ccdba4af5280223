import type { Account } from '@micropay/schemas/api/account'
import type { AccountId } from '@micropay/schemas/identifiers'
import type { AccountToOpen } from '@micropay/sdk/import-source'
import { InputError } from '@micropay/sdk/input-error'
import { type Asking, ask, forEach } from './ask.ts'
import { accountsOf } from './new-accounts.ts'
import { type OldAccount, openingOf } from './old-account.ts'
import type { Survey } from './survey.ts'

type Options = {
  readonly asking: Asking
  readonly survey: Survey
  readonly keyOf: (what: string) => string
  readonly onProgress: (accounts: number) => void
}

/**
 * Opens what is not there. Throws InputError where the new ledger has accounts that no move of this one has opened:
 * another one is not to be mixed with it.
 */
export async function openMoved(options: Options): Promise<{ opened: number; present: number }> {
  const { asking, survey, keyOf, onProgress } = options
  const present = await presentIn(options)
  const zone = survey.governance.zone() ?? 'UTC'
  const [first] = present
  const probed = first && survey.accounts.get(first)
  if (probed) await open(asking, openingOf(probed, zone), keyOf, true)
  let opened = 0
  await forEach(survey.accounts.values(), async (account) => {
    if (!present.has(account.accountId)) {
      await open(asking, openingOf(account, zone), keyOf, false)
      opened += 1
    }
    onProgress(opened + present.size)
  })
  return { opened, present: present.size }
}

async function presentIn({ asking, survey }: Options): Promise<ReadonlySet<AccountId>> {
  const present = new Set<AccountId>()
  for await (const page of accountsOf(asking.ledger, [])) {
    for (const account of page) {
      const old = survey.accounts.get(account.accountId)
      if (!old || !isSame(old, account)) {
        const detail = `the new ledger has an account ${account.accountId} that the old one has not, or not so`
        throw new InputError(`${detail}: move into a ledger that is empty`)
      }
      present.add(account.accountId)
    }
  }
  return present
}

function isSame(old: OldAccount, { type, currency, owner }: Account): boolean {
  return old.type === type && old.currency === currency && old.owner === owner
}

/** `isThere`: an earlier run has opened it, perhaps from an earlier day, and its key says so. */
async function open(
  asking: Asking,
  account: AccountToOpen,
  keyOf: (what: string) => string,
  isThere: boolean,
): Promise<void> {
  const { accountId } = account
  const asked = await ask(asking, '/v1/accounts', keyOf(`open:${accountId}`), account)
  if (asked.kind === 'done') return
  if (isThere && asked.kind === 'refused' && asked.reason.startsWith('422 idempotency_key_reused')) return
  const reason = asked.kind === 'refused' ? asked.reason : 'it needs a second person there'
  const hint = reason.startsWith('409 account_exists') ? ': is that the old ledger, or was it opened by hand?' : ''
  throw new InputError(`the account ${accountId} cannot be opened in the new ledger: ${reason}${hint}`)
}
