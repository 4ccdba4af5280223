import type { ClientBase } from 'pg'
import type { PayeeChange } from './project.ts'

/** Writes what a batch says of payees: few and seldom, so one statement each. */
export async function writePayees(client: ClientBase, schema: string, changes: readonly PayeeChange[]): Promise<void> {
  for (const { kind, payee } of changes) {
    const { tenant, owner, alias_key, alias, account_id, saved_at } = payee
    if (kind === 'removed') {
      await client.query(`delete from ${schema}.payee where tenant = $1 and owner = $2 and alias_key = $3`, [
        tenant,
        owner,
        alias_key,
      ])
    } else {
      await client.query(
        `insert into ${schema}.payee (tenant, owner, alias_key, alias, account_id, saved_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant, owner, alias_key) do update
         set alias = excluded.alias, account_id = excluded.account_id, saved_at = excluded.saved_at`,
        [tenant, owner, alias_key, alias, account_id, saved_at],
      )
    }
  }
}
