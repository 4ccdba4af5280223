create table s.ledger_account (account_id text collate "C" primary key, partition int not null, tenant text
  collate "C" not null, type text not null, currency text not null, name text, path text collate "C" not null,
  balance_minor int8 not null) with (fillfactor = 60);
create table s.ledger_entry (account_id text collate "C" not null, seq int8 not null, index int not null,
  partition int not null, tenant text collate "C" not null, payment_id text collate "C" not null, counterparty
  text collate "C" not null, amount_minor int8 not null, currency text not null, balance_after_minor int8 not
  null, effective_at timestamptz not null, decided_at timestamptz not null, reference text, description text,
  operation text collate "C" not null, purpose text collate "C" not null);
create table s.movement (account_id text collate "C" not null, quarter timestamptz not null, operation text
  collate "C" not null, purpose text collate "C" not null, tenant text collate "C" not null, currency text not
  null, in_minor numeric not null, out_minor numeric not null, entries int8 not null) with (fillfactor = 80);
create table s.account_month (tenant text collate "C" not null, month timestamptz not null, account_id text
  collate "C" not null, in_minor numeric not null, out_minor numeric not null, entries int8 not null) with
  (fillfactor = 60);
create table s.quarter_total (tenant text collate "C" not null, quarter timestamptz not null, partition int not
  null, type text not null, currency text not null, operation text collate "C" not null, purpose text collate
  "C" not null, in_minor numeric not null, out_minor numeric not null, entries int8 not null) with (fillfactor =
  60);
create table s.bank_statement (account_id text collate "C" not null, statement_id text collate "C" not null,
  partition int not null, seq int8 not null, tenant text collate "C" not null, iban text not null, currency text
  not null, from_day text not null, to_day text not null, opening_minor int8 not null, closing_minor int8 not
  null, lines jsonb not null, line_count int not null, decided_at timestamptz not null, actor text not null,
  primary key (account_id, statement_id));
-- after loading
insert into s.movement (account_id, quarter, operation, purpose, tenant, currency, in_minor, out_minor, entries)
  select account_id, date_bin('15 minutes', effective_at, 'epoch') as quarter, operation, purpose, tenant,
  currency, coalesce(sum(amount_minor) filter (where amount_minor > 0), 0), coalesce(-sum(amount_minor) filter
  (where amount_minor <= 0), 0), count(*) from s.ledger_entry group by account_id, quarter, operation, purpose,
  tenant, currency;
create unique index movement_place on s.movement (account_id, quarter, operation, purpose);
create index movement_by_time on s.movement (tenant, quarter);
insert into s.account_month (tenant, month, account_id, in_minor, out_minor, entries) select tenant,
  date_trunc('month', quarter, 'UTC') as month, account_id, sum(in_minor), sum(out_minor), sum(entries)::int8
  from s.movement group by tenant, month, account_id;
create unique index account_month_place on s.account_month (tenant, month, account_id);
insert into s.quarter_total (tenant, quarter, partition, type, currency, operation, purpose, in_minor,
  out_minor, entries) select tenant, quarter, partition, type, movement.currency, operation, purpose,
  sum(in_minor), sum(out_minor), sum(entries)::int8 from s.movement join (select account_id, partition, type
  from s.ledger_account) as account using (account_id) group by tenant, quarter, partition, type,
  movement.currency, operation, purpose;
create unique index quarter_total_place on s.quarter_total (tenant, quarter, partition, type, currency,
  operation, purpose);
create unique index ledger_entry_place on s.ledger_entry (account_id, seq, index);
create index ledger_entry_by_time on s.ledger_entry (account_id, effective_at, seq, index);
create index ledger_account_by_tenant on s.ledger_account (tenant, currency, account_id);
create index bank_statement_by_time on s.bank_statement (tenant, decided_at, partition, seq);
