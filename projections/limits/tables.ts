import { exactText, int4, int8, orNull, text } from '../write/columns.ts'
import { type DatabaseOf, table, type WrittenTo } from '../write/table.ts'

/** Each account with how far it may be overdrawn, and what it holds. */
const limits = table(
  'account_limit',
  {
    account_id: exactText(),
    partition: int4(),
    tenant: exactText(),
    owner: exactText(),
    currency: text(),
    /** null: unlimited. */
    overdraft_limit: orNull(int8()),
    balance_minor: int8(),
  },
  {
    key: ['account_id'],
    write: { set: ['balance_minor'], by: ['account_id'] },
    // No index holds the balance, so that a new one stays on its page.
    fillfactor: 60,
    indexesAfterLoading: { account_limit_by_tenant: ['tenant', 'account_id'] },
  },
)

/** The limits read model. */
export const limitsTables = { limits }

/** Rises when the tables or the fold change; `digest` is that of the statements that make the tables. */
export const limitsVersion = { version: 1, digest: 'ce590bd109b4869b' }

/** The read model as Kysely sees it. */
export type LimitsDatabase = DatabaseOf<typeof limitsTables>

export type NewLimit = WrittenTo<typeof limits>
