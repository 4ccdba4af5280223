import type { StatementRunner } from '../projection.ts'

/**
 * Tables of the audit index, as tables.ts describes them: where each record stands, never what it says. A refused command may name an account of
 * another partition, so an account and a sequence alone are no key.
 */
export async function createAuditTables(client: StatementRunner, schema: string): Promise<void> {
  await client.query(`
    create table ${schema}.record (
      partition int not null,
      log_offset int8 not null,
      kind text collate "C" not null,
      reason text,
      epoch int8,
      seq int8,
      hash bytea not null,
      primary key (partition, log_offset)
    );
    create unique index record_commit on ${schema}.record (partition, seq) where kind = 'commit';
    create table ${schema}.account_record (
      account_id text collate "C" not null,
      partition int not null,
      seq int8 not null
    );`)
}

export function auditIndexes(schema: string): string[] {
  return [
    `create unique index account_record_place on ${schema}.account_record (account_id, partition, seq)`,
    `create index record_void on ${schema}.record (partition, seq) where kind = 'void'`,
    `create unique index record_claim on ${schema}.record (partition, epoch) where kind = 'claim'`,
  ]
}
