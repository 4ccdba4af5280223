set check_function_bodies to off;
create schema accounts_v11_1;
create schema projection;
CREATE OR REPLACE FUNCTION projection.state_of(text)
 RETURNS text
 LANGUAGE sql
AS $function$select state from projection.version where schema_name = $1$function$
;
create sequence projection.generation as bigint;
create sequence projection.lease_term as bigint;
create table accounts_v11_1.account (
  account_id text collate "C" not null,
  partition integer not null,
  tenant text collate "C" not null,
  type text not null,
  currency text not null,
  owner text collate "C" not null,
  name text,
  owner_reference text,
  path text not null,
  overdraft_limit bigint,
  status text not null,
  frozen text,
  paid_by text not null,
  opened_on text,
  balance_minor bigint not null,
  held_minor bigint not null,
  due_minor bigint not null,
  opened_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  changed_seq bigint not null
) with (fillfactor=60);
create table accounts_v11_1.across_payment (
  payment_id text collate "C" not null,
  partition integer not null,
  seq bigint not null,
  tenant text collate "C" not null,
  status text not null,
  rejection_code text,
  rejection_detail text,
  rejection_cause jsonb,
  rejection_accounts jsonb,
  kind text,
  legs jsonb not null,
  effective_at timestamp with time zone not null,
  decided_at timestamp with time zone not null,
  reference text,
  description text,
  metadata jsonb not null,
  reverses text collate "C",
  reverses_what text,
  corrects text,
  actor text,
  client text,
  approved_by text,
  deadline timestamp with time zone not null
) with (fillfactor=80);
create table accounts_v11_1.entry (
  account_id text collate "C" not null,
  seq bigint not null,
  index integer not null,
  partition integer not null,
  tenant text collate "C" not null,
  payment_id text collate "C" not null,
  kind text,
  counterparty text collate "C",
  amount_minor bigint not null,
  currency text not null,
  balance_after_minor bigint not null,
  effective_at timestamp with time zone not null,
  decided_at timestamp with time zone not null,
  reference text,
  description text,
  reverses text collate "C",
  nth integer
);
create table accounts_v11_1.payee (
  tenant text collate "C" not null,
  owner text collate "C" not null,
  alias_key text collate "C" not null,
  alias text not null,
  account_id text collate "C" not null,
  saved_at timestamp with time zone not null
);
create table accounts_v11_1.payment (
  payment_id text collate "C" not null,
  partition integer not null,
  seq bigint not null,
  tenant text collate "C" not null,
  status text not null,
  rejection_code text,
  rejection_detail text,
  rejection_cause jsonb,
  rejection_accounts jsonb,
  kind text,
  legs jsonb not null,
  effective_at timestamp with time zone not null,
  decided_at timestamp with time zone not null,
  reference text,
  description text,
  metadata jsonb not null,
  reverses text collate "C",
  reverses_what text,
  corrects text,
  actor text,
  client text,
  approved_by text
);
create table accounts_v11_1.policy (
  tenant text collate "C" not null,
  command text collate "C" not null,
  partition integer not null,
  policy_id text not null,
  people integer not null,
  above_minor bigint,
  above_currency text,
  set_at timestamp with time zone not null,
  set_by text,
  approved_by text
);
create table accounts_v11_1.posted_across (
  account_id text collate "C" not null,
  decided_at timestamp with time zone not null,
  effective_at timestamp with time zone not null,
  partition integer not null,
  seq bigint not null,
  tenant text collate "C" not null
);
create table accounts_v11_1.posted_legs (
  partition integer not null,
  seq bigint not null,
  tenant text collate "C" not null,
  payment_id text collate "C" not null,
  decided_at timestamp with time zone not null
);
create table accounts_v11_1.proposal (
  partition integer not null,
  seq bigint not null,
  proposal_id text collate "C" not null,
  tenant text collate "C" not null,
  maker text collate "C" not null,
  command text not null,
  about text collate "C",
  hash text not null,
  data jsonb not null,
  data_bytes integer not null,
  policy_id text,
  proposed_at timestamp with time zone not null,
  expires_at timestamp with time zone not null
);
create table accounts_v11_1.proposal_decision (
  proposal_id text collate "C" not null,
  partition integer not null,
  seq bigint not null,
  outcome text not null,
  reason text,
  decided_at timestamp with time zone not null,
  decided_by text collate "C" not null,
  limit_before text
);
create table accounts_v11_1.refused_payment (
  account_id text collate "C" not null,
  decided_at timestamp with time zone not null,
  effective_at timestamp with time zone not null,
  partition integer not null,
  seq bigint not null,
  tenant text collate "C" not null
);
create table projection.checkpoint (
  schema_name text not null,
  partition integer not null,
  log_offset bigint default 0 not null,
  epoch bigint default 0 not null,
  claim_id text default ''::text not null,
  seq bigint default 0 not null,
  hash text default ''::text not null,
  genesis jsonb,
  voids bigint default 0 not null,
  caught_up_at timestamp with time zone,
  rate_per_second real default 0 not null,
  stopped text,
  fold jsonb,
  given_up_by bigint
) with (fillfactor=50);
create table projection.failure (
  service text not null,
  name text not null,
  at timestamp with time zone not null,
  what text not null,
  reason text not null
);
create table projection.lease (
  name text not null,
  owner_id text not null,
  acquired_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  session_until timestamp with time zone,
  term bigint,
  tenant text,
  said text
);
create table projection.lease_notice (
  name text not null,
  owner_id text not null,
  text text not null,
  until timestamp with time zone not null
);
create table projection.version (
  schema_name text not null,
  service text not null,
  name text not null,
  version integer not null,
  state text not null,
  made_at timestamp with time zone default now() not null,
  switched_at timestamp with time zone
);
insert into "accounts_v11_1"."account" ("account_id", "partition", "tenant", "type", "currency", "owner", "name", "owner_reference", "path", "overdraft_limit", "status", "frozen", "paid_by", "opened_on", "balance_minor", "held_minor", "due_minor", "opened_at", "changed_at", "changed_seq") overriding system value values
('ada:jpy','0','main','customer','JPY','customer:ada',null,null,'liabilities/customers/jpy','0','open',null,'customers',null,'1000000','0','0','2026-11-30 10:06:22.892+00','2026-11-30 10:07:40.099+00','1000012'),
('ada:main','0','main','customer','EUR','customer:ada','Ada Lovelace',null,'liabilities/customers/eur','50000','open',null,'customers',null,'9978','0','0','2026-11-30 10:06:22.787+00','2026-11-30 10:07:40.587+00','1000019'),
('ada:savings','0','main','customer','EUR','customer:ada','Ada, for a rainy day','C-17','liabilities/customers/eur','100','frozen','outgoing','customers',null,'105','0','0','2026-11-30 10:06:22.82+00','2026-11-30 10:07:40.587+00','1000019'),
('ada:usd','0','main','customer','USD','customer:ada',null,null,'liabilities/customers/usd','0','open',null,'customers',null,'123456780','0','0','2026-11-30 10:06:22.854+00','2026-11-30 10:07:40.061+00','1000011'),
('bank:house','0','main','external','EUR','house:micropay','House bank',null,'assets/banks/house',null,'open',null,'staff',null,'-21999','0','0','2026-11-30 10:06:22.676+00','2026-11-30 10:07:37.739+00','1000006'),
('ben:main','0','main','customer','EUR','customer:ben','Ben Franklin',null,'liabilities/customers/eur','0','open',null,'customers',null,'40017','0','0','2026-11-30 10:06:22.931+00','2026-11-30 10:07:40.282+00','1000014'),
('ben:usd','0','main','customer','USD','customer:ben',null,null,'liabilities/customers/usd','0','frozen','all','customers',null,'0','0','0','2026-11-30 10:06:22.951+00','2026-11-30 10:07:39.802+00','1000008'),
('cash:eur','0','main','external','EUR','house:micropay','Cash desk',null,'assets/cash/eur',null,'open',null,'staff',null,'-120066','0','0','2026-11-30 10:06:22.526+00','2026-11-30 10:07:40.143+00','1000013'),
('cash:jpy','0','main','external','JPY','house:micropay',null,null,'assets/external/jpy',null,'open',null,'staff',null,'-1000000','0','0','2026-11-30 10:06:22.647+00','2026-11-30 10:07:40.099+00','1000012'),
('cash:usd','0','main','external','USD','house:micropay',null,null,'assets/external/usd',null,'open',null,'staff',null,'-1000000123456780','0','0','2026-11-30 10:06:22.606+00','2026-11-30 10:07:40.672+00','1000021'),
('fees:eur','0','main','internal','EUR','house:micropay','Fees',null,'income/fees/eur',null,'open',null,'customers',null,'65','0','0','2026-11-30 10:06:22.705+00','2026-11-30 10:07:40.453+00','1000017'),
('fees:usd','0','main','internal','USD','house:micropay',null,null,'income/usd',null,'open',null,'staff',null,'1000000000000000','0','0','2026-11-30 10:06:22.754+00','2026-11-30 10:07:40.672+00','1000021'),
('old:main','0','main','customer','EUR','customer:ivan','Ivan Horvat, old account',null,'liabilities/customers/eur','0','closed',null,'customers',null,'0','0','0','2026-11-30 10:06:23.011+00','2026-11-30 10:07:37.478+00','1000002'),
('rent{linden}','0','main','customer','EUR','customer:landlord',null,null,'liabilities/customers/eur',null,'open',null,'customers',null,'91900','0','0','2026-11-30 10:06:22.977+00','2026-11-30 10:07:40.143+00','1000013');
insert into "accounts_v11_1"."entry" ("account_id", "seq", "index", "partition", "tenant", "payment_id", "kind", "counterparty", "amount_minor", "currency", "balance_after_minor", "effective_at", "decided_at", "reference", "description", "reverses", "nth") overriding system value values
('ada:jpy','1000012','1','0','main','pay-0-1000012','deposit','cash:jpy','1000000','JPY','1000000','2026-11-30 10:07:40.099+00','2026-11-30 10:07:40.099+00',null,null,null,null),
('ada:main','1000004','1','0','main','pay-0-1000004','deposit','bank:house','25000','EUR','13773','2026-03-02 12:00:00+00','2026-11-30 10:07:37.622+00','E2E-100',null,null,null),
('ada:main','1000005','0','0','main','pay-0-1000005','withdrawal','bank:house','-4000','EUR','9773','2026-03-02 12:00:00+00','2026-11-30 10:07:37.686+00','E2E-200',null,null,null),
('ada:main','1000009','0','0','main','pay-0-1000009','payment','ada:savings','-100','EUR','9673','2026-11-30 10:07:39.914+00','2026-11-30 10:07:39.914+00',null,null,null,null),
('ada:main','1000013','1','0','main','pay-0-1000013','transfer','rent{linden}','60','EUR','9733','2026-11-30 10:07:40.143+00','2026-11-30 10:07:40.143+00','SPLIT-2',null,null,null),
('ada:main','1000014','1','0','main','pay-0-1000014','payment','ben:main','250','EUR','9983','2026-11-30 10:07:40.282+00','2026-11-30 10:07:40.282+00','LUNCH','One soup was cold','pay-0-28',null),
('ada:main','1000019','0','0','main','pay-0-1000019','payment','ada:savings','-5','EUR','9978','2026-11-30 10:07:40.587+00','2026-11-30 10:07:40.587+00',null,null,null,null),
('ada:main','17','1','0','main','pay-0-17','deposit','cash:eur','10001','EUR','10001','2026-02-11 08:00:00+00','2026-11-30 10:06:23.114+00',null,null,null,null),
('ada:main','18','1','0','main','pay-0-18','deposit','cash:eur','10002','EUR','20003','2026-01-12 08:00:00+00','2026-11-30 10:06:23.136+00',null,null,null,null),
('ada:main','20','1','0','main','pay-0-20','deposit','cash:eur','10004','EUR','30007','2026-01-14 08:00:00+00','2026-11-30 10:06:23.194+00',null,null,null,null),
('ada:main','21','1','0','main','pay-0-21','deposit','cash:eur','10005','EUR','40012','2026-02-15 08:00:00+00','2026-11-30 10:06:23.228+00',null,null,null,null),
('ada:main','23','1','0','main','pay-0-23','deposit','cash:eur','10007','EUR','50019','2026-02-17 08:00:00+00','2026-11-30 10:06:23.271+00',null,null,null,null),
('ada:main','24','1','0','main','pay-0-24','deposit','cash:eur','10008','EUR','60027','2026-01-18 08:00:00+00','2026-11-30 10:06:23.296+00',null,null,null,null),
('ada:main','26','1','0','main','pay-0-26','deposit','cash:eur','10010','EUR','70037','2026-01-20 08:00:00+00','2026-11-30 10:06:23.344+00',null,null,null,null),
('ada:main','27','1','0','main','pay-0-27','deposit','cash:eur','10011','EUR','80048','2026-02-21 08:00:00+00','2026-11-30 10:06:23.357+00',null,null,null,null),
('ada:main','28','0','0','main','pay-0-28','payment','ben:main','-1250','EUR','78798','2026-11-30 10:06:23.393+00','2026-11-30 10:06:23.393+00','LUNCH','Soupe à l’oignon',null,null),
('ada:main','30','0','0','main','pay-0-30','transfer','rent{linden}','-90000','EUR','-11202','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,null,null),
('ada:main','30','4','0','main','pay-0-30','transfer','fees:eur','-25','EUR','-11227','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,null,null),
('ada:savings','1000009','1','0','main','pay-0-1000009','payment','ada:main','100','EUR','100','2026-11-30 10:07:39.914+00','2026-11-30 10:07:39.914+00',null,null,null,null),
('ada:savings','1000019','1','0','main','pay-0-1000019','payment','ada:main','5','EUR','105','2026-11-30 10:07:40.587+00','2026-11-30 10:07:40.587+00',null,null,null,null),
('ada:usd','1000010','1','0','main','pay-0-1000010','deposit','cash:usd','123456789','USD','123456789','2026-11-30 10:07:40.002+00','2026-11-30 10:07:40.002+00',null,null,null,null),
('ada:usd','1000011','0','0','main','pay-0-1000011','withdrawal','cash:usd','-9','USD','123456780','2026-11-30 10:07:40.061+00','2026-11-30 10:07:40.061+00',null,null,null,null),
('bank:house','1000004','0','0','main','pay-0-1000004','deposit','ada:main','-25000','EUR','-25000','2026-03-02 12:00:00+00','2026-11-30 10:07:37.622+00','E2E-100',null,null,null),
('bank:house','1000005','1','0','main','pay-0-1000005','withdrawal','ada:main','4000','EUR','-21000','2026-03-02 12:00:00+00','2026-11-30 10:07:37.686+00','E2E-200',null,null,null),
('bank:house','1000006','0','0','main','pay-0-1000006','deposit','ben:main','-999','EUR','-21999','2026-03-02 12:00:00+00','2026-11-30 10:07:37.739+00','E2E-300',null,null,null),
('ben:main','1000006','1','0','main','pay-0-1000006','deposit','bank:house','999','EUR','40267','2026-03-02 12:00:00+00','2026-11-30 10:07:37.739+00','E2E-300',null,null,null),
('ben:main','1000014','0','0','main','pay-0-1000014','payment','ada:main','-250','EUR','40017','2026-11-30 10:07:40.282+00','2026-11-30 10:07:40.282+00','LUNCH','One soup was cold','pay-0-28',null),
('ben:main','16','1','0','main','pay-0-16','deposit','cash:eur','10000','EUR','10000','2026-01-10 08:00:00+00','2026-11-30 10:06:23.098+00',null,null,null,null),
('ben:main','19','1','0','main','pay-0-19','deposit','cash:eur','10003','EUR','20003','2026-02-13 08:00:00+00','2026-11-30 10:06:23.161+00',null,null,null,null),
('ben:main','22','1','0','main','pay-0-22','deposit','cash:eur','10006','EUR','30009','2026-01-16 08:00:00+00','2026-11-30 10:06:23.246+00',null,null,null,null),
('ben:main','25','1','0','main','pay-0-25','deposit','cash:eur','10009','EUR','40018','2026-02-19 08:00:00+00','2026-11-30 10:06:23.325+00',null,null,null,null),
('ben:main','28','1','0','main','pay-0-28','payment','ada:main','1250','EUR','41268','2026-11-30 10:06:23.393+00','2026-11-30 10:06:23.393+00','LUNCH','Soupe à l’oignon',null,null),
('ben:main','30','2','0','main','pay-0-30','transfer','rent{linden}','-2000','EUR','39268','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,null,null),
('cash:eur','1000013','3','0','main','pay-0-1000013','transfer',null,'0','EUR','-120066','2026-11-30 10:07:40.143+00','2026-11-30 10:07:40.143+00','SPLIT-2',null,null,null),
('cash:eur','16','0','0','main','pay-0-16','deposit','ben:main','-10000','EUR','-10000','2026-01-10 08:00:00+00','2026-11-30 10:06:23.098+00',null,null,null,null),
('cash:eur','17','0','0','main','pay-0-17','deposit','ada:main','-10001','EUR','-20001','2026-02-11 08:00:00+00','2026-11-30 10:06:23.114+00',null,null,null,null),
('cash:eur','18','0','0','main','pay-0-18','deposit','ada:main','-10002','EUR','-30003','2026-01-12 08:00:00+00','2026-11-30 10:06:23.136+00',null,null,null,null),
('cash:eur','19','0','0','main','pay-0-19','deposit','ben:main','-10003','EUR','-40006','2026-02-13 08:00:00+00','2026-11-30 10:06:23.161+00',null,null,null,null),
('cash:eur','20','0','0','main','pay-0-20','deposit','ada:main','-10004','EUR','-50010','2026-01-14 08:00:00+00','2026-11-30 10:06:23.194+00',null,null,null,null),
('cash:eur','21','0','0','main','pay-0-21','deposit','ada:main','-10005','EUR','-60015','2026-02-15 08:00:00+00','2026-11-30 10:06:23.228+00',null,null,null,null),
('cash:eur','22','0','0','main','pay-0-22','deposit','ben:main','-10006','EUR','-70021','2026-01-16 08:00:00+00','2026-11-30 10:06:23.246+00',null,null,null,null),
('cash:eur','23','0','0','main','pay-0-23','deposit','ada:main','-10007','EUR','-80028','2026-02-17 08:00:00+00','2026-11-30 10:06:23.271+00',null,null,null,null),
('cash:eur','24','0','0','main','pay-0-24','deposit','ada:main','-10008','EUR','-90036','2026-01-18 08:00:00+00','2026-11-30 10:06:23.296+00',null,null,null,null),
('cash:eur','25','0','0','main','pay-0-25','deposit','ben:main','-10009','EUR','-100045','2026-02-19 08:00:00+00','2026-11-30 10:06:23.325+00',null,null,null,null),
('cash:eur','26','0','0','main','pay-0-26','deposit','ada:main','-10010','EUR','-110055','2026-01-20 08:00:00+00','2026-11-30 10:06:23.344+00',null,null,null,null),
('cash:eur','27','0','0','main','pay-0-27','deposit','ada:main','-10011','EUR','-120066','2026-02-21 08:00:00+00','2026-11-30 10:06:23.357+00',null,null,null,null),
('cash:jpy','1000012','0','0','main','pay-0-1000012','deposit','ada:jpy','-1000000','JPY','-1000000','2026-11-30 10:07:40.099+00','2026-11-30 10:07:40.099+00',null,null,null,null),
('cash:usd','1000010','0','0','main','pay-0-1000010','deposit','ada:usd','-123456789','USD','-123456789','2026-11-30 10:07:40.002+00','2026-11-30 10:07:40.002+00',null,null,null,null),
('cash:usd','1000011','1','0','main','pay-0-1000011','withdrawal','ada:usd','9','USD','-123456780','2026-11-30 10:07:40.061+00','2026-11-30 10:07:40.061+00',null,null,null,null),
('cash:usd','1000021','0','0','main','pay-0-1000021','deposit','fees:usd','-1000000000000000','USD','-1000000123456780','2026-11-30 10:07:40.672+00','2026-11-30 10:07:40.672+00',null,null,null,null),
('fees:eur','1000013','2','0','main','pay-0-1000013','transfer','rent{linden}','40','EUR','65','2026-11-30 10:07:40.143+00','2026-11-30 10:07:40.143+00','SPLIT-2',null,null,null),
('fees:eur','30','5','0','main','pay-0-30','transfer','ada:main','25','EUR','25','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,null,null),
('fees:usd','1000021','1','0','main','pay-0-1000021','deposit','cash:usd','1000000000000000','USD','1000000000000000','2026-11-30 10:07:40.672+00','2026-11-30 10:07:40.672+00',null,null,null,null),
('rent{linden}','1000013','0','0','main','pay-0-1000013','transfer',null,'-100','EUR','91900','2026-11-30 10:07:40.143+00','2026-11-30 10:07:40.143+00','SPLIT-2',null,null,null),
('rent{linden}','30','1','0','main','pay-0-30','transfer','ada:main','90000','EUR','90000','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,null,null),
('rent{linden}','30','3','0','main','pay-0-30','transfer','ben:main','2000','EUR','92000','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,null,null);
insert into "accounts_v11_1"."payee" ("tenant", "owner", "alias_key", "alias", "account_id", "saved_at") overriding system value values
('main','customer:ada','ben','Ben','ben:main','2026-11-30 10:06:23.88+00'),
('main','customer:ben','ada','Ada','ada:main','2026-11-30 10:06:23.945+00');
insert into "accounts_v11_1"."payment" ("payment_id", "partition", "seq", "tenant", "status", "rejection_code", "rejection_detail", "rejection_cause", "rejection_accounts", "kind", "legs", "effective_at", "decided_at", "reference", "description", "metadata", "reverses", "reverses_what", "corrects", "actor", "client", "approved_by") overriding system value values
('pay-0-1000004','0','1000004','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-25000", "account": "bank:house", "currency": "EUR"}, {"pair": 1, "amount": "25000", "account": "ada:main", "currency": "EUR"}]','2026-03-02 12:00:00+00','2026-11-30 10:07:37.622+00','E2E-100',null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-1000005','0','1000005','main','posted',null,null,null,null,'withdrawal','[{"pair": 1, "amount": "-4000", "account": "ada:main", "currency": "EUR"}, {"pair": 1, "amount": "4000", "account": "bank:house", "currency": "EUR"}]','2026-03-02 12:00:00+00','2026-11-30 10:07:37.686+00','E2E-200',null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-1000006','0','1000006','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-999", "account": "bank:house", "currency": "EUR"}, {"pair": 1, "amount": "999", "account": "ben:main", "currency": "EUR"}]','2026-03-02 12:00:00+00','2026-11-30 10:07:37.739+00','E2E-300',null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-1000009','0','1000009','main','posted',null,null,null,null,'payment','[{"pair": 1, "amount": "-100", "account": "ada:main", "currency": "EUR"}, {"pair": 1, "amount": "100", "account": "ada:savings", "currency": "EUR"}]','2026-11-30 10:07:39.914+00','2026-11-30 10:07:39.914+00',null,null,'{}',null,null,null,'customer:ada','ada',null),
('pay-0-1000010','0','1000010','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-123456789", "account": "cash:usd", "currency": "USD"}, {"pair": 1, "amount": "123456789", "account": "ada:usd", "currency": "USD"}]','2026-11-30 10:07:40.002+00','2026-11-30 10:07:40.002+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-1000011','0','1000011','main','posted',null,null,null,null,'withdrawal','[{"pair": 1, "amount": "-9", "account": "ada:usd", "currency": "USD"}, {"pair": 1, "amount": "9", "account": "cash:usd", "currency": "USD"}]','2026-11-30 10:07:40.061+00','2026-11-30 10:07:40.061+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-1000012','0','1000012','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-1000000", "account": "cash:jpy", "currency": "JPY"}, {"pair": 1, "amount": "1000000", "account": "ada:jpy", "currency": "JPY"}]','2026-11-30 10:07:40.099+00','2026-11-30 10:07:40.099+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-1000013','0','1000013','main','posted',null,null,null,null,'transfer','[{"amount": "-100", "stands": "91900", "account": "rent{linden}", "currency": "EUR"}, {"amount": "60", "account": "ada:main", "currency": "EUR"}, {"amount": "40", "account": "fees:eur", "currency": "EUR"}, {"amount": "0", "account": "cash:eur", "currency": "EUR"}]','2026-11-30 10:07:40.143+00','2026-11-30 10:07:40.143+00','SPLIT-2',null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-1000014','0','1000014','main','posted',null,null,null,null,'payment','[{"pair": 1, "amount": "-250", "account": "ben:main", "currency": "EUR"}, {"pair": 1, "amount": "250", "account": "ada:main", "currency": "EUR"}]','2026-11-30 10:07:40.282+00','2026-11-30 10:07:40.282+00','LUNCH','One soup was cold','{}','pay-0-28','part',null,'operator:olga','olga',null),
('pay-0-1000015','0','1000015','main','rejected','refund_exceeds_payment','10.00 EUR of pay-0-28 is left to go back from ben:main',null,null,null,'[]','2026-11-30 10:07:40.354+00','2026-11-30 10:07:40.354+00',null,'All of it','{}','pay-0-28','part',null,'operator:olga','olga',null),
('pay-0-1000019','0','1000019','main','posted',null,null,null,null,'payment','[{"pair": 1, "amount": "-5", "account": "ada:main", "currency": "EUR"}, {"pair": 1, "amount": "5", "account": "ada:savings", "currency": "EUR"}]','2026-11-30 10:07:40.587+00','2026-11-30 10:07:40.587+00',null,null,'{}',null,null,null,'customer:ada','ada',null),
('pay-0-1000021','0','1000021','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-1000000000000000", "account": "cash:usd", "currency": "USD"}, {"pair": 1, "amount": "1000000000000000", "account": "fees:usd", "currency": "USD"}]','2026-11-30 10:07:40.672+00','2026-11-30 10:07:40.672+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-16','0','16','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10000", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10000", "account": "ben:main", "currency": "EUR"}]','2026-01-10 08:00:00+00','2026-11-30 10:06:23.098+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-17','0','17','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10001", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10001", "account": "ada:main", "currency": "EUR"}]','2026-02-11 08:00:00+00','2026-11-30 10:06:23.114+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-18','0','18','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10002", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10002", "account": "ada:main", "currency": "EUR"}]','2026-01-12 08:00:00+00','2026-11-30 10:06:23.136+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-19','0','19','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10003", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10003", "account": "ben:main", "currency": "EUR"}]','2026-02-13 08:00:00+00','2026-11-30 10:06:23.161+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-20','0','20','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10004", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10004", "account": "ada:main", "currency": "EUR"}]','2026-01-14 08:00:00+00','2026-11-30 10:06:23.194+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-21','0','21','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10005", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10005", "account": "ada:main", "currency": "EUR"}]','2026-02-15 08:00:00+00','2026-11-30 10:06:23.228+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-22','0','22','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10006", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10006", "account": "ben:main", "currency": "EUR"}]','2026-01-16 08:00:00+00','2026-11-30 10:06:23.246+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-23','0','23','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10007", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10007", "account": "ada:main", "currency": "EUR"}]','2026-02-17 08:00:00+00','2026-11-30 10:06:23.271+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-24','0','24','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10008", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10008", "account": "ada:main", "currency": "EUR"}]','2026-01-18 08:00:00+00','2026-11-30 10:06:23.296+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-25','0','25','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10009", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10009", "account": "ben:main", "currency": "EUR"}]','2026-02-19 08:00:00+00','2026-11-30 10:06:23.325+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-26','0','26','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10010", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10010", "account": "ada:main", "currency": "EUR"}]','2026-01-20 08:00:00+00','2026-11-30 10:06:23.344+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-27','0','27','main','posted',null,null,null,null,'deposit','[{"pair": 1, "amount": "-10011", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "10011", "account": "ada:main", "currency": "EUR"}]','2026-02-21 08:00:00+00','2026-11-30 10:06:23.357+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-28','0','28','main','posted',null,null,null,null,'payment','[{"pair": 1, "amount": "-1250", "account": "ada:main", "currency": "EUR"}, {"pair": 1, "amount": "1250", "account": "ben:main", "currency": "EUR"}]','2026-11-30 10:06:23.393+00','2026-11-30 10:06:23.393+00','LUNCH','Soupe à l’oignon','{}',null,null,null,'customer:ada','ada',null),
('pay-0-29','0','29','main','rejected','value_date_not_today','today is 2026-11-30 in UTC: leave effectiveAt out, and it counts now',null,null,null,'[{"pair": 1, "amount": "-4999", "account": "ada:main", "currency": "EUR"}, {"pair": 1, "amount": "4999", "account": "ben:main", "currency": "EUR"}]','2026-02-27 22:30:00+00','2026-11-30 10:06:23.492+00','INV-1','Paper, ink "and" more','{"note": "ünïcödé ✓", "order": "A-1", "channel": "web"}',null,null,null,'customer:ada','ada',null),
('pay-0-30','0','30','main','posted',null,null,null,null,'transfer','[{"pair": 1, "amount": "-90000", "account": "ada:main", "currency": "EUR"}, {"pair": 1, "amount": "90000", "account": "rent{linden}", "currency": "EUR"}, {"pair": 2, "amount": "-2000", "account": "ben:main", "currency": "EUR"}, {"pair": 2, "amount": "2000", "account": "rent{linden}", "currency": "EUR"}, {"pair": 3, "amount": "-25", "account": "ada:main", "currency": "EUR"}, {"pair": 3, "amount": "25", "account": "fees:eur", "currency": "EUR"}]','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-31','0','31','main','rejected','payee_not_payable','fees:eur cannot be paid: ask whom you want to pay which account they have','{"code": "account_of_house", "detail": "fees:eur is of the house, and takes nothing from customers"}',null,null,'[{"pair": 1, "amount": "-60000", "account": "ada:main", "currency": "EUR"}, {"pair": 1, "amount": "60000", "account": "fees:eur", "currency": "EUR"}]','2026-11-30 10:06:23.604+00','2026-11-30 10:06:23.604+00',null,null,'{}',null,null,null,'customer:ada','ada',null),
('pay-0-32','0','32','main','rejected','insufficient_funds','ben:main has 392.68 EUR available: pay less, or add money first',null,'["ben:main"]',null,'[{"pair": 1, "amount": "-99999999", "account": "ben:main", "currency": "EUR"}, {"pair": 1, "amount": "99999999", "account": "ada:main", "currency": "EUR"}]','2026-11-30 10:06:23.721+00','2026-11-30 10:06:23.721+00','REFUSED',null,'{}',null,null,null,'customer:ben','ben',null),
('pay-0-33','0','33','main','rejected','account_not_found','there is no account nobody:main',null,'["nobody:main"]',null,'[{"pair": 1, "amount": "-100", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "100", "account": "nobody:main", "currency": "EUR"}]','2026-11-30 10:06:23.744+00','2026-11-30 10:06:23.744+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-34','0','34','main','rejected','currency_mismatch','ada:main holds EUR, not USD: name its own currency',null,'["cash:usd", "ada:main"]',null,'[{"pair": 1, "amount": "-100", "account": "cash:usd", "currency": "USD"}, {"pair": 1, "amount": "100", "account": "ada:main", "currency": "USD"}]','2026-11-30 10:06:23.781+00','2026-11-30 10:06:23.781+00',null,null,'{}',null,null,null,'operator:olga','olga',null),
('pay-0-35','0','35','main','rejected','account_not_found','there is no account ada:main that you may pay from',null,'["ada:main"]',null,'[{"pair": 1, "amount": "-100", "account": "ada:main", "currency": "EUR"}, {"pair": 1, "amount": "100", "account": "ben:main", "currency": "EUR"}]','2026-11-30 10:06:23.826+00','2026-11-30 10:06:23.826+00',null,null,'{}',null,null,null,'customer:ben','ben',null),
('pay-0-37','0','37','main','rejected','account_frozen','old:main is frozen: nothing leaves or reaches it until an operator unfreezes it',null,'["old:main"]',null,'[{"pair": 1, "amount": "-100", "account": "cash:eur", "currency": "EUR"}, {"pair": 1, "amount": "100", "account": "old:main", "currency": "EUR"}]','2026-11-30 10:06:23.856+00','2026-11-30 10:06:23.856+00',null,null,'{}',null,null,null,'operator:olga','olga',null);
insert into "accounts_v11_1"."policy" ("tenant", "command", "partition", "policy_id", "people", "above_minor", "above_currency", "set_at", "set_by", "approved_by") overriding system value values
('main','MakePayment','0','pol-0-1000022','2','50000','EUR','2026-11-30 10:07:40.723+00','finance:fiona',null);
insert into "accounts_v11_1"."proposal" ("partition", "seq", "proposal_id", "tenant", "maker", "command", "about", "hash", "data", "data_bytes", "policy_id", "proposed_at", "expires_at") overriding system value values
('0','1000023','prp-0-1000023','main','operator:olga','MakePayment',null,'VWovygqwFrPOSg3iVIbmF4Qgb_0yfkninboLnY6atQU','{"postings": [{"to": "ada:main", "from": "cash:eur", "amount": "50001", "currency": "EUR"}]}','84','pol-0-1000022','2026-11-30 10:07:40.773+00','2026-12-07 10:07:40.773+00');
insert into "accounts_v11_1"."refused_payment" ("account_id", "decided_at", "effective_at", "partition", "seq", "tenant") overriding system value values
('ada:main','2026-11-30 10:06:23.492+00','2026-02-27 22:30:00+00','0','29','main'),
('ada:main','2026-11-30 10:06:23.604+00','2026-11-30 10:06:23.604+00','0','31','main'),
('ben:main','2026-11-30 10:06:23.721+00','2026-11-30 10:06:23.721+00','0','32','main'),
('cash:eur','2026-11-30 10:06:23.744+00','2026-11-30 10:06:23.744+00','0','33','main'),
('cash:eur','2026-11-30 10:06:23.856+00','2026-11-30 10:06:23.856+00','0','37','main'),
('cash:usd','2026-11-30 10:06:23.781+00','2026-11-30 10:06:23.781+00','0','34','main');
insert into "projection"."checkpoint" ("schema_name", "partition", "log_offset", "epoch", "claim_id", "seq", "hash", "genesis", "voids", "caught_up_at", "rate_per_second", "stopped", "fold", "given_up_by") overriding system value values
('accounts_v11_1','0','74','4','kFWSmsAzPKYbbgSNVBra0g','1000023','8majfLcLCJXWdBeul86r3MEmrP4-xJAX8TLZW5cvS0k','{"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}','2','2026-11-30 10:07:50.813586+00','0',null,'{"seq": 1000023, "hash": "8majfLcLCJXWdBeul86r3MEmrP4-xJAX8TLZW5cvS0k", "epoch": 4, "voids": 2, "agedMs": 78247, "offset": "74", "claimId": "kFWSmsAzPKYbbgSNVBra0g", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "71", "decidedAt": "2026-11-30T10:07:40.773Z", "partition": 0, "generation": 10, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "doNN3qlLWfWYi_DTPyO6kOLD9xreBDRHpOfXL74tPM0", "acceptedDecidedAt": "2026-11-30T10:06:24.056Z"}',null);
insert into "projection"."lease" ("name", "owner_id", "acquired_at", "expires_at", "session_until", "term", "tenant", "said") overriding system value values
('projection accounts/accounts 0','vm-15630','2026-11-30 10:07:31.625114+00','-infinity',null,'4',null,null),
('rebuild accounts/accounts','vm-15630','2026-11-30 10:07:31.388494+00','-infinity',null,'3',null,null);
insert into "projection"."version" ("schema_name", "service", "name", "version", "state", "made_at", "switched_at") overriding system value values
('accounts_v11_1','accounts','accounts','11','live','2026-11-30 10:06:20.472962+00',null);
select setval('projection.generation', 1, 't');
select setval('projection.lease_term', 4, 't');
alter table accounts_v11_1.account add constraint account_pkey PRIMARY KEY (tenant, account_id);
alter table accounts_v11_1.across_payment add constraint across_payment_pkey PRIMARY KEY (payment_id);
alter table accounts_v11_1.payee add constraint payee_pkey PRIMARY KEY (tenant, owner, alias_key);
alter table accounts_v11_1.payment add constraint payment_pkey PRIMARY KEY (partition, seq);
alter table accounts_v11_1.policy add constraint policy_pkey PRIMARY KEY (tenant, command, partition);
alter table accounts_v11_1.posted_legs add constraint posted_legs_pkey PRIMARY KEY (partition, seq);
alter table accounts_v11_1.proposal add constraint proposal_pkey PRIMARY KEY (partition, seq);
alter table projection.checkpoint add constraint checkpoint_pkey PRIMARY KEY (schema_name, partition);
alter table projection.failure add constraint failure_pkey PRIMARY KEY (service, name);
alter table projection.failure add constraint failure_what_check CHECK ((what = ANY (ARRAY['rebuild'::text, 'rollback'::text])));
alter table projection.lease add constraint lease_pkey PRIMARY KEY (name);
alter table projection.lease_notice add constraint lease_notice_pkey PRIMARY KEY (name, owner_id);
alter table projection.version add constraint version_pkey PRIMARY KEY (schema_name);
alter table projection.version add constraint version_state_check CHECK ((state = ANY (ARRAY['live'::text, 'building'::text, 'retired'::text])));
alter table projection.checkpoint add constraint checkpoint_schema_name_fkey FOREIGN KEY (schema_name) REFERENCES projection.version(schema_name) ON DELETE CASCADE;
CREATE INDEX account_by_owner ON accounts_v11_1.account USING btree (tenant, owner, account_id);
CREATE INDEX across_by_reference ON accounts_v11_1.across_payment USING btree (reference, tenant, decided_at, partition, seq) WHERE (reference IS NOT NULL);
CREATE INDEX across_by_reversed ON accounts_v11_1.across_payment USING btree (reverses, partition, seq) WHERE (reverses IS NOT NULL);
CREATE INDEX across_by_time ON accounts_v11_1.across_payment USING btree (tenant, decided_at, partition, seq);
CREATE INDEX across_by_value_date ON accounts_v11_1.across_payment USING btree (tenant, effective_at, partition, seq);
CREATE INDEX across_pending ON accounts_v11_1.across_payment USING btree (tenant, decided_at, partition, seq) WHERE (status = 'pending'::text);
CREATE INDEX across_rejected ON accounts_v11_1.across_payment USING btree (tenant, decided_at, partition, seq) WHERE (status = 'rejected'::text);
CREATE INDEX entry_by_value_date ON accounts_v11_1.entry USING btree (account_id, tenant, effective_at, seq, index) INCLUDE (amount_minor, nth);
CREATE UNIQUE INDEX entry_place ON accounts_v11_1.entry USING btree (account_id, tenant, seq, index) INCLUDE (decided_at, nth);
CREATE INDEX payment_by_reference ON accounts_v11_1.payment USING btree (reference, tenant, decided_at, partition, seq) WHERE (reference IS NOT NULL);
CREATE INDEX payment_by_reversed ON accounts_v11_1.payment USING btree (reverses, partition, seq) WHERE (reverses IS NOT NULL);
CREATE INDEX payment_by_time ON accounts_v11_1.payment USING btree (tenant, decided_at, partition, seq);
CREATE INDEX payment_by_value_date ON accounts_v11_1.payment USING btree (tenant, effective_at, partition, seq);
CREATE INDEX payment_rejected ON accounts_v11_1.payment USING btree (tenant, decided_at, partition, seq) WHERE (status = 'rejected'::text);
CREATE INDEX posted_across_by_time ON accounts_v11_1.posted_across USING btree (account_id, tenant, decided_at, partition, seq);
CREATE INDEX posted_across_by_value_date ON accounts_v11_1.posted_across USING btree (account_id, tenant, effective_at, partition, seq);
CREATE INDEX posted_legs_by_time ON accounts_v11_1.posted_legs USING btree (partition, tenant, decided_at, seq);
CREATE INDEX proposal_by_expiry ON accounts_v11_1.proposal USING btree (tenant, expires_at, partition, seq);
CREATE INDEX proposal_by_maker ON accounts_v11_1.proposal USING btree (tenant, maker, expires_at, partition, seq);
CREATE INDEX proposal_by_what ON accounts_v11_1.proposal USING btree (about, tenant, expires_at, partition, seq) WHERE (about IS NOT NULL);
CREATE UNIQUE INDEX proposal_decision_of ON accounts_v11_1.proposal_decision USING btree (proposal_id);
CREATE INDEX refused_by_time ON accounts_v11_1.refused_payment USING btree (account_id, tenant, decided_at, partition, seq);
CREATE INDEX refused_by_value_date ON accounts_v11_1.refused_payment USING btree (account_id, tenant, effective_at, partition, seq);
CREATE UNIQUE INDEX version_one_building ON projection.version USING btree (service, name) WHERE (state = 'building'::text);
CREATE UNIQUE INDEX version_one_live ON projection.version USING btree (service, name) WHERE (state = 'live'::text);
