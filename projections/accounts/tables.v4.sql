create table s.account (account_id text collate "C" primary key, partition int not null, tenant text collate "C"
  not null, type text not null, currency text not null, owner text collate "C" not null, name text,
  overdraft_limit int8, status text not null, balance_minor int8 not null, opened_at timestamptz not null,
  changed_at timestamptz not null, changed_seq int8 not null) with (fillfactor = 60);
create table s.entry (account_id text collate "C" not null, seq int8 not null, index int not null, partition int
  not null, tenant text collate "C" not null, payment_id text collate "C" not null, kind text not null,
  counterparty text collate "C" not null, amount_minor int8 not null, currency text not null,
  balance_after_minor int8 not null, effective_at timestamptz not null, decided_at timestamptz not null,
  reference text, description text);
create table s.payment (payment_id text collate "C" not null, partition int not null, seq int8 not null, tenant
  text collate "C" not null, status text not null, rejection_code text, rejection_detail text, kind text,
  postings jsonb not null, effective_at timestamptz not null, decided_at timestamptz not null, reference text,
  description text, metadata jsonb not null, actor text not null, client text not null, primary key (partition,
  seq));
create index payment_by_time on s.payment (tenant, decided_at, partition, seq);
create index payment_rejected on s.payment (tenant, decided_at, partition, seq) where status = 'rejected';
create table s.refused_payment (account_id text collate "C" not null, decided_at timestamptz not null,
  effective_at timestamptz not null, partition int not null, seq int8 not null);
create table s.payee (tenant text collate "C" not null, owner text collate "C" not null, alias_key text collate
  "C" not null, alias text not null, account_id text collate "C" not null, saved_at timestamptz not null,
  primary key (tenant, owner, alias_key));
-- after loading
create unique index entry_place on s.entry (account_id, seq, index) include (decided_at);
create index entry_by_value_date on s.entry (account_id, effective_at, seq, index) include (amount_minor);
create index payment_by_reference on s.payment (reference, tenant, decided_at, partition, seq) where reference
  is not null;
create index payment_by_value_date on s.payment (tenant, effective_at, partition, seq);
create index refused_by_time on s.refused_payment (account_id, decided_at, partition, seq);
create index refused_by_value_date on s.refused_payment (account_id, effective_at, partition, seq);
create index account_by_owner on s.account (tenant, owner, account_id);
create index account_by_tenant on s.account (tenant, account_id);
