/** What the table of verifications is made by, in order and in one transaction. Each statement may run again. */
export function statementsOfVerificationTable(): readonly string[] {
  return [
    // The same as for the table of accesses: both make the schema.
    `select pg_advisory_xact_lock(hashtextextended('audit access', 0))`,
    'create schema if not exists audit',
    `create table if not exists audit.verification (
      id int8 generated always as identity primary key,
      partition int not null,
      ended_at timestamptz not null default clock_timestamp(),
      asked_by text not null,
      sound boolean not null,
      position text not null,
      hash text not null,
      records int8 not null,
      duration_ms int8 not null,
      fault_count int not null,
      finding text,
      fold jsonb
    )`,
    'create index if not exists verification_of_partition on audit.verification (partition, id)',
    // Null of what all partitions say of each other.
    'alter table audit.verification alter column partition drop not null',
    // Of the subject who asked; null of programs, and of rows from before it was kept.
    'alter table audit.verification add column if not exists tenant text',
  ]
}
