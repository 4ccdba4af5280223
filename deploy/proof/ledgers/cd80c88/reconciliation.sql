set check_function_bodies to off;
create schema projection;
create schema reconciliation_v10_1;
CREATE OR REPLACE FUNCTION projection.state_of(text)
 RETURNS text
 LANGUAGE sql
AS $function$select state from projection.version where schema_name = $1$function$
;
create sequence projection.generation as bigint;
create sequence projection.lease_term as bigint;
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
create table reconciliation_v10_1.account_month (
  tenant text collate "C" not null,
  month timestamp with time zone not null,
  account_id text collate "C" not null,
  in_minor numeric not null,
  out_minor numeric not null,
  entries bigint not null
) with (fillfactor=60);
create table reconciliation_v10_1.across_payment (
  payment_id text collate "C" not null,
  partition integer not null,
  seq bigint not null,
  tenant text collate "C" not null,
  state text not null,
  participants jsonb not null,
  legs jsonb not null,
  effective_at timestamp with time zone not null,
  decided_at timestamp with time zone not null,
  deadline timestamp with time zone not null,
  reference text,
  description text
) with (fillfactor=80);
create table reconciliation_v10_1.bank_statement (
  account_id text collate "C" not null,
  statement_id text collate "C" not null,
  partition integer not null,
  seq bigint not null,
  tenant text collate "C" not null,
  iban text not null,
  sha256 text,
  currency text not null,
  from_day text not null,
  to_day text not null,
  opening_minor bigint not null,
  closing_minor bigint not null,
  import_id text collate "C",
  lines jsonb not null,
  line_count integer not null,
  decided_at timestamp with time zone not null,
  actor text,
  approved_by text
);
create table reconciliation_v10_1.bank_statement_part (
  tenant text collate "C" not null,
  account_id text collate "C" not null,
  import_id text collate "C" not null,
  seq bigint not null,
  part integer not null,
  lines jsonb not null
);
create table reconciliation_v10_1.bank_statement_withdrawal (
  tenant text collate "C" not null,
  account_id text collate "C" not null,
  statement_seq bigint not null,
  partition integer not null,
  seq bigint not null,
  reason text,
  proposal_id text collate "C",
  decided_at timestamp with time zone not null,
  actor text,
  approved_by text
);
create table reconciliation_v10_1.ledger_account (
  account_id text collate "C" not null,
  partition integer not null,
  tenant text collate "C" not null,
  type text not null,
  currency text not null,
  name text,
  path text collate "C" not null,
  balance_minor bigint not null
) with (fillfactor=60);
create table reconciliation_v10_1.ledger_entry (
  account_id text collate "C" not null,
  seq bigint not null,
  index integer not null,
  partition integer not null,
  tenant text collate "C" not null,
  payment_id text collate "C" not null,
  counterparty text collate "C",
  amount_minor bigint not null,
  currency text not null,
  balance_after_minor bigint not null,
  effective_at timestamp with time zone not null,
  decided_at timestamp with time zone not null,
  reference text,
  description text,
  operation text collate "C" not null,
  purpose text collate "C" not null,
  nth integer
);
create table reconciliation_v10_1.movement (
  account_id text collate "C" not null,
  quarter timestamp with time zone not null,
  operation text collate "C" not null,
  purpose text collate "C" not null,
  tenant text collate "C" not null,
  currency text not null,
  in_minor numeric not null,
  out_minor numeric not null,
  entries bigint not null
) with (fillfactor=80);
create table reconciliation_v10_1.period_fact (
  partition integer not null,
  seq bigint not null,
  tenant text collate "C" not null,
  kind text not null,
  period_id text collate "C",
  from_day text,
  through_day text,
  day_zone text,
  closed_before timestamp with time zone,
  read_seq bigint,
  sealed text,
  reason text,
  proposal_id text collate "C",
  decided_at timestamp with time zone not null,
  actor text,
  approved_by text
);
create table reconciliation_v10_1.quarter_total (
  tenant text collate "C" not null,
  quarter timestamp with time zone not null,
  partition integer not null,
  type text not null,
  currency text not null,
  operation text collate "C" not null,
  purpose text collate "C" not null,
  in_minor numeric not null,
  out_minor numeric not null,
  entries bigint not null
) with (fillfactor=60);
create table reconciliation_v10_1.transit (
  tenant text collate "C" not null,
  partition integer not null,
  other integer not null,
  currency text not null,
  balance numeric not null
) with (fillfactor=60);
create table reconciliation_v10_1.transit_entry (
  tenant text collate "C" not null,
  partition integer not null,
  seq bigint not null,
  other integer not null,
  currency text not null,
  amount_minor bigint not null,
  effective_at timestamp with time zone not null
);
insert into "projection"."checkpoint" ("schema_name", "partition", "log_offset", "epoch", "claim_id", "seq", "hash", "genesis", "voids", "caught_up_at", "rate_per_second", "stopped", "fold", "given_up_by") overriding system value values
('reconciliation_v10_1','0','74','4','kFWSmsAzPKYbbgSNVBra0g','1000023','8majfLcLCJXWdBeul86r3MEmrP4-xJAX8TLZW5cvS0k','{"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}','2','2026-11-30 10:07:50.651367+00','0',null,'{"seq": 1000023, "hash": "8majfLcLCJXWdBeul86r3MEmrP4-xJAX8TLZW5cvS0k", "epoch": 4, "voids": 2, "agedMs": 78247, "offset": "74", "claimId": "kFWSmsAzPKYbbgSNVBra0g", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "71", "decidedAt": "2026-11-30T10:07:40.773Z", "partition": 0, "generation": 10, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "doNN3qlLWfWYi_DTPyO6kOLD9xreBDRHpOfXL74tPM0", "acceptedDecidedAt": "2026-11-30T10:06:24.056Z"}',null);
insert into "projection"."lease" ("name", "owner_id", "acquired_at", "expires_at", "session_until", "term", "tenant", "said") overriding system value values
('projection reconciliation/reconciliation 0','vm-15653','2026-11-30 10:07:31.872969+00','-infinity',null,'4',null,null),
('rebuild reconciliation/reconciliation','vm-15653','2026-11-30 10:07:31.574511+00','-infinity',null,'3',null,null);
insert into "projection"."version" ("schema_name", "service", "name", "version", "state", "made_at", "switched_at") overriding system value values
('reconciliation_v10_1','reconciliation','reconciliation','10','live','2026-11-30 10:06:20.465061+00',null);
insert into "reconciliation_v10_1"."account_month" ("tenant", "month", "account_id", "in_minor", "out_minor", "entries") overriding system value values
('main','2026-01-01 00:00:00+00','ada:main','40024','0','4'),
('main','2026-01-01 00:00:00+00','ben:main','20006','0','2'),
('main','2026-01-01 00:00:00+00','cash:eur','0','60030','6'),
('main','2026-02-01 00:00:00+00','ada:main','40024','0','4'),
('main','2026-02-01 00:00:00+00','ben:main','20012','0','2'),
('main','2026-02-01 00:00:00+00','cash:eur','0','60036','6'),
('main','2026-03-01 00:00:00+00','ada:main','25000','4000','2'),
('main','2026-03-01 00:00:00+00','bank:house','4000','25999','3'),
('main','2026-03-01 00:00:00+00','ben:main','999','0','1'),
('main','2026-11-01 00:00:00+00','ada:jpy','1000000','0','1'),
('main','2026-11-01 00:00:00+00','ada:main','310','91380','7'),
('main','2026-11-01 00:00:00+00','ada:savings','105','0','2'),
('main','2026-11-01 00:00:00+00','ada:usd','123456789','9','2'),
('main','2026-11-01 00:00:00+00','ben:main','1250','2250','3'),
('main','2026-11-01 00:00:00+00','cash:eur','0','0','1'),
('main','2026-11-01 00:00:00+00','cash:jpy','0','1000000','1'),
('main','2026-11-01 00:00:00+00','cash:usd','9','1000000123456789','3'),
('main','2026-11-01 00:00:00+00','fees:eur','65','0','2'),
('main','2026-11-01 00:00:00+00','fees:usd','1000000000000000','0','1'),
('main','2026-11-01 00:00:00+00','rent{linden}','92000','100','3');
insert into "reconciliation_v10_1"."bank_statement" ("account_id", "statement_id", "partition", "seq", "tenant", "iban", "sha256", "currency", "from_day", "to_day", "opening_minor", "closing_minor", "import_id", "lines", "line_count", "decided_at", "actor", "approved_by") overriding system value values
('bank:house','2026-061','0','1000007','main','DE02120300000000202051','31078a7c79e7beb7780abddf61e0f72ddc55624d27ebe0edd0097476144ebcac','EUR','2026-03-02','2026-03-03','100000','120650',null,'[{"amount": "25000", "details": [{"references": {"parties": ["E2E-100"]}}], "bookedOn": "2026-03-03", "references": {}}, {"amount": "-4100", "details": [{"references": {"parties": ["E2E-200"]}}], "bookedOn": "2026-03-03", "references": {}}, {"amount": "-250", "details": [{"references": {"parties": ["FEE-1"]}}], "bookedOn": "2026-03-03", "references": {}}]','3','2026-11-30 10:07:39.741+00','finance:fiona',null);
insert into "reconciliation_v10_1"."ledger_account" ("account_id", "partition", "tenant", "type", "currency", "name", "path", "balance_minor") overriding system value values
('ada:jpy','0','main','customer','JPY',null,'liabilities/customers/jpy','1000000'),
('ada:main','0','main','customer','EUR','Ada Lovelace','liabilities/customers/eur','9978'),
('ada:savings','0','main','customer','EUR','Ada, for a rainy day','liabilities/customers/eur','105'),
('ada:usd','0','main','customer','USD',null,'liabilities/customers/usd','123456780'),
('bank:house','0','main','external','EUR','House bank','assets/banks/house','-21999'),
('ben:main','0','main','customer','EUR','Ben Franklin','liabilities/customers/eur','40017'),
('ben:usd','0','main','customer','USD',null,'liabilities/customers/usd','0'),
('cash:eur','0','main','external','EUR','Cash desk','assets/cash/eur','-120066'),
('cash:jpy','0','main','external','JPY',null,'assets/external/jpy','-1000000'),
('cash:usd','0','main','external','USD',null,'assets/external/usd','-1000000123456780'),
('fees:eur','0','main','internal','EUR','Fees','income/fees/eur','65'),
('fees:usd','0','main','internal','USD',null,'income/usd','1000000000000000'),
('old:main','0','main','customer','EUR','Ivan Horvat, old account','liabilities/customers/eur','0'),
('rent{linden}','0','main','customer','EUR',null,'liabilities/customers/eur','91900');
insert into "reconciliation_v10_1"."ledger_entry" ("account_id", "seq", "index", "partition", "tenant", "payment_id", "counterparty", "amount_minor", "currency", "balance_after_minor", "effective_at", "decided_at", "reference", "description", "operation", "purpose", "nth") overriding system value values
('ada:jpy','1000012','1','0','main','pay-0-1000012','cash:jpy','1000000','JPY','1000000','2026-11-30 10:07:40.099+00','2026-11-30 10:07:40.099+00',null,null,'','',null),
('ada:main','1000004','1','0','main','pay-0-1000004','bank:house','25000','EUR','13773','2026-03-02 12:00:00+00','2026-11-30 10:07:37.622+00','E2E-100',null,'','',null),
('ada:main','1000005','0','0','main','pay-0-1000005','bank:house','-4000','EUR','9773','2026-03-02 12:00:00+00','2026-11-30 10:07:37.686+00','E2E-200',null,'','',null),
('ada:main','1000009','0','0','main','pay-0-1000009','ada:savings','-100','EUR','9673','2026-11-30 10:07:39.914+00','2026-11-30 10:07:39.914+00',null,null,'','',null),
('ada:main','1000013','1','0','main','pay-0-1000013','rent{linden}','60','EUR','9733','2026-11-30 10:07:40.143+00','2026-11-30 10:07:40.143+00','SPLIT-2',null,'','',null),
('ada:main','1000014','1','0','main','pay-0-1000014','ben:main','250','EUR','9983','2026-11-30 10:07:40.282+00','2026-11-30 10:07:40.282+00','LUNCH','One soup was cold','','',null),
('ada:main','1000019','0','0','main','pay-0-1000019','ada:savings','-5','EUR','9978','2026-11-30 10:07:40.587+00','2026-11-30 10:07:40.587+00',null,null,'','',null),
('ada:main','17','1','0','main','pay-0-17','cash:eur','10001','EUR','10001','2026-02-11 08:00:00+00','2026-11-30 10:06:23.114+00',null,null,'','',null),
('ada:main','18','1','0','main','pay-0-18','cash:eur','10002','EUR','20003','2026-01-12 08:00:00+00','2026-11-30 10:06:23.136+00',null,null,'','',null),
('ada:main','20','1','0','main','pay-0-20','cash:eur','10004','EUR','30007','2026-01-14 08:00:00+00','2026-11-30 10:06:23.194+00',null,null,'','',null),
('ada:main','21','1','0','main','pay-0-21','cash:eur','10005','EUR','40012','2026-02-15 08:00:00+00','2026-11-30 10:06:23.228+00',null,null,'','',null),
('ada:main','23','1','0','main','pay-0-23','cash:eur','10007','EUR','50019','2026-02-17 08:00:00+00','2026-11-30 10:06:23.271+00',null,null,'','',null),
('ada:main','24','1','0','main','pay-0-24','cash:eur','10008','EUR','60027','2026-01-18 08:00:00+00','2026-11-30 10:06:23.296+00',null,null,'','',null),
('ada:main','26','1','0','main','pay-0-26','cash:eur','10010','EUR','70037','2026-01-20 08:00:00+00','2026-11-30 10:06:23.344+00',null,null,'','',null),
('ada:main','27','1','0','main','pay-0-27','cash:eur','10011','EUR','80048','2026-02-21 08:00:00+00','2026-11-30 10:06:23.357+00',null,null,'','',null),
('ada:main','28','0','0','main','pay-0-28','ben:main','-1250','EUR','78798','2026-11-30 10:06:23.393+00','2026-11-30 10:06:23.393+00','LUNCH','Soupe à l’oignon','','',null),
('ada:main','30','0','0','main','pay-0-30','rent{linden}','-90000','EUR','-11202','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,'','',null),
('ada:main','30','4','0','main','pay-0-30','fees:eur','-25','EUR','-11227','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,'','',null),
('ada:savings','1000009','1','0','main','pay-0-1000009','ada:main','100','EUR','100','2026-11-30 10:07:39.914+00','2026-11-30 10:07:39.914+00',null,null,'','',null),
('ada:savings','1000019','1','0','main','pay-0-1000019','ada:main','5','EUR','105','2026-11-30 10:07:40.587+00','2026-11-30 10:07:40.587+00',null,null,'','',null),
('ada:usd','1000010','1','0','main','pay-0-1000010','cash:usd','123456789','USD','123456789','2026-11-30 10:07:40.002+00','2026-11-30 10:07:40.002+00',null,null,'','',null),
('ada:usd','1000011','0','0','main','pay-0-1000011','cash:usd','-9','USD','123456780','2026-11-30 10:07:40.061+00','2026-11-30 10:07:40.061+00',null,null,'','',null),
('bank:house','1000004','0','0','main','pay-0-1000004','ada:main','-25000','EUR','-25000','2026-03-02 12:00:00+00','2026-11-30 10:07:37.622+00','E2E-100',null,'','',null),
('bank:house','1000005','1','0','main','pay-0-1000005','ada:main','4000','EUR','-21000','2026-03-02 12:00:00+00','2026-11-30 10:07:37.686+00','E2E-200',null,'','',null),
('bank:house','1000006','0','0','main','pay-0-1000006','ben:main','-999','EUR','-21999','2026-03-02 12:00:00+00','2026-11-30 10:07:37.739+00','E2E-300',null,'','',null),
('ben:main','1000006','1','0','main','pay-0-1000006','bank:house','999','EUR','40267','2026-03-02 12:00:00+00','2026-11-30 10:07:37.739+00','E2E-300',null,'','',null),
('ben:main','1000014','0','0','main','pay-0-1000014','ada:main','-250','EUR','40017','2026-11-30 10:07:40.282+00','2026-11-30 10:07:40.282+00','LUNCH','One soup was cold','','',null),
('ben:main','16','1','0','main','pay-0-16','cash:eur','10000','EUR','10000','2026-01-10 08:00:00+00','2026-11-30 10:06:23.098+00',null,null,'','',null),
('ben:main','19','1','0','main','pay-0-19','cash:eur','10003','EUR','20003','2026-02-13 08:00:00+00','2026-11-30 10:06:23.161+00',null,null,'','',null),
('ben:main','22','1','0','main','pay-0-22','cash:eur','10006','EUR','30009','2026-01-16 08:00:00+00','2026-11-30 10:06:23.246+00',null,null,'','',null),
('ben:main','25','1','0','main','pay-0-25','cash:eur','10009','EUR','40018','2026-02-19 08:00:00+00','2026-11-30 10:06:23.325+00',null,null,'','',null),
('ben:main','28','1','0','main','pay-0-28','ada:main','1250','EUR','41268','2026-11-30 10:06:23.393+00','2026-11-30 10:06:23.393+00','LUNCH','Soupe à l’oignon','','',null),
('ben:main','30','2','0','main','pay-0-30','rent{linden}','-2000','EUR','39268','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,'','',null),
('cash:eur','1000013','3','0','main','pay-0-1000013',null,'0','EUR','-120066','2026-11-30 10:07:40.143+00','2026-11-30 10:07:40.143+00','SPLIT-2',null,'','',null),
('cash:eur','16','0','0','main','pay-0-16','ben:main','-10000','EUR','-10000','2026-01-10 08:00:00+00','2026-11-30 10:06:23.098+00',null,null,'','',null),
('cash:eur','17','0','0','main','pay-0-17','ada:main','-10001','EUR','-20001','2026-02-11 08:00:00+00','2026-11-30 10:06:23.114+00',null,null,'','',null),
('cash:eur','18','0','0','main','pay-0-18','ada:main','-10002','EUR','-30003','2026-01-12 08:00:00+00','2026-11-30 10:06:23.136+00',null,null,'','',null),
('cash:eur','19','0','0','main','pay-0-19','ben:main','-10003','EUR','-40006','2026-02-13 08:00:00+00','2026-11-30 10:06:23.161+00',null,null,'','',null),
('cash:eur','20','0','0','main','pay-0-20','ada:main','-10004','EUR','-50010','2026-01-14 08:00:00+00','2026-11-30 10:06:23.194+00',null,null,'','',null),
('cash:eur','21','0','0','main','pay-0-21','ada:main','-10005','EUR','-60015','2026-02-15 08:00:00+00','2026-11-30 10:06:23.228+00',null,null,'','',null),
('cash:eur','22','0','0','main','pay-0-22','ben:main','-10006','EUR','-70021','2026-01-16 08:00:00+00','2026-11-30 10:06:23.246+00',null,null,'','',null),
('cash:eur','23','0','0','main','pay-0-23','ada:main','-10007','EUR','-80028','2026-02-17 08:00:00+00','2026-11-30 10:06:23.271+00',null,null,'','',null),
('cash:eur','24','0','0','main','pay-0-24','ada:main','-10008','EUR','-90036','2026-01-18 08:00:00+00','2026-11-30 10:06:23.296+00',null,null,'','',null),
('cash:eur','25','0','0','main','pay-0-25','ben:main','-10009','EUR','-100045','2026-02-19 08:00:00+00','2026-11-30 10:06:23.325+00',null,null,'','',null),
('cash:eur','26','0','0','main','pay-0-26','ada:main','-10010','EUR','-110055','2026-01-20 08:00:00+00','2026-11-30 10:06:23.344+00',null,null,'','',null),
('cash:eur','27','0','0','main','pay-0-27','ada:main','-10011','EUR','-120066','2026-02-21 08:00:00+00','2026-11-30 10:06:23.357+00',null,null,'','',null),
('cash:jpy','1000012','0','0','main','pay-0-1000012','ada:jpy','-1000000','JPY','-1000000','2026-11-30 10:07:40.099+00','2026-11-30 10:07:40.099+00',null,null,'','',null),
('cash:usd','1000010','0','0','main','pay-0-1000010','ada:usd','-123456789','USD','-123456789','2026-11-30 10:07:40.002+00','2026-11-30 10:07:40.002+00',null,null,'','',null),
('cash:usd','1000011','1','0','main','pay-0-1000011','ada:usd','9','USD','-123456780','2026-11-30 10:07:40.061+00','2026-11-30 10:07:40.061+00',null,null,'','',null),
('cash:usd','1000021','0','0','main','pay-0-1000021','fees:usd','-1000000000000000','USD','-1000000123456780','2026-11-30 10:07:40.672+00','2026-11-30 10:07:40.672+00',null,null,'','',null),
('fees:eur','1000013','2','0','main','pay-0-1000013','rent{linden}','40','EUR','65','2026-11-30 10:07:40.143+00','2026-11-30 10:07:40.143+00','SPLIT-2',null,'','',null),
('fees:eur','30','5','0','main','pay-0-30','ada:main','25','EUR','25','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,'','',null),
('fees:usd','1000021','1','0','main','pay-0-1000021','cash:usd','1000000000000000','USD','1000000000000000','2026-11-30 10:07:40.672+00','2026-11-30 10:07:40.672+00',null,null,'','',null),
('rent{linden}','1000013','0','0','main','pay-0-1000013',null,'-100','EUR','91900','2026-11-30 10:07:40.143+00','2026-11-30 10:07:40.143+00','SPLIT-2',null,'','',null),
('rent{linden}','30','1','0','main','pay-0-30','ada:main','90000','EUR','90000','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,'','',null),
('rent{linden}','30','3','0','main','pay-0-30','ben:main','2000','EUR','92000','2026-11-30 10:06:23.545+00','2026-11-30 10:06:23.545+00',null,null,'','',null);
insert into "reconciliation_v10_1"."movement" ("account_id", "quarter", "operation", "purpose", "tenant", "currency", "in_minor", "out_minor", "entries") overriding system value values
('ada:jpy','2026-11-30 10:00:00+00','','','main','JPY','1000000','0','1'),
('ada:main','2026-01-12 08:00:00+00','','','main','EUR','10002','0','1'),
('ada:main','2026-01-14 08:00:00+00','','','main','EUR','10004','0','1'),
('ada:main','2026-01-18 08:00:00+00','','','main','EUR','10008','0','1'),
('ada:main','2026-01-20 08:00:00+00','','','main','EUR','10010','0','1'),
('ada:main','2026-02-11 08:00:00+00','','','main','EUR','10001','0','1'),
('ada:main','2026-02-15 08:00:00+00','','','main','EUR','10005','0','1'),
('ada:main','2026-02-17 08:00:00+00','','','main','EUR','10007','0','1'),
('ada:main','2026-02-21 08:00:00+00','','','main','EUR','10011','0','1'),
('ada:main','2026-03-02 12:00:00+00','','','main','EUR','25000','4000','2'),
('ada:main','2026-11-30 10:00:00+00','','','main','EUR','310','91380','7'),
('ada:savings','2026-11-30 10:00:00+00','','','main','EUR','105','0','2'),
('ada:usd','2026-11-30 10:00:00+00','','','main','USD','123456789','9','2'),
('bank:house','2026-03-02 12:00:00+00','','','main','EUR','4000','25999','3'),
('ben:main','2026-01-10 08:00:00+00','','','main','EUR','10000','0','1'),
('ben:main','2026-01-16 08:00:00+00','','','main','EUR','10006','0','1'),
('ben:main','2026-02-13 08:00:00+00','','','main','EUR','10003','0','1'),
('ben:main','2026-02-19 08:00:00+00','','','main','EUR','10009','0','1'),
('ben:main','2026-03-02 12:00:00+00','','','main','EUR','999','0','1'),
('ben:main','2026-11-30 10:00:00+00','','','main','EUR','1250','2250','3'),
('cash:eur','2026-01-10 08:00:00+00','','','main','EUR','0','10000','1'),
('cash:eur','2026-01-12 08:00:00+00','','','main','EUR','0','10002','1'),
('cash:eur','2026-01-14 08:00:00+00','','','main','EUR','0','10004','1'),
('cash:eur','2026-01-16 08:00:00+00','','','main','EUR','0','10006','1'),
('cash:eur','2026-01-18 08:00:00+00','','','main','EUR','0','10008','1'),
('cash:eur','2026-01-20 08:00:00+00','','','main','EUR','0','10010','1'),
('cash:eur','2026-02-11 08:00:00+00','','','main','EUR','0','10001','1'),
('cash:eur','2026-02-13 08:00:00+00','','','main','EUR','0','10003','1'),
('cash:eur','2026-02-15 08:00:00+00','','','main','EUR','0','10005','1'),
('cash:eur','2026-02-17 08:00:00+00','','','main','EUR','0','10007','1'),
('cash:eur','2026-02-19 08:00:00+00','','','main','EUR','0','10009','1'),
('cash:eur','2026-02-21 08:00:00+00','','','main','EUR','0','10011','1'),
('cash:eur','2026-11-30 10:00:00+00','','','main','EUR','0','0','1'),
('cash:jpy','2026-11-30 10:00:00+00','','','main','JPY','0','1000000','1'),
('cash:usd','2026-11-30 10:00:00+00','','','main','USD','9','1000000123456789','3'),
('fees:eur','2026-11-30 10:00:00+00','','','main','EUR','65','0','2'),
('fees:usd','2026-11-30 10:00:00+00','','','main','USD','1000000000000000','0','1'),
('rent{linden}','2026-11-30 10:00:00+00','','','main','EUR','92000','100','3');
insert into "reconciliation_v10_1"."period_fact" ("partition", "seq", "tenant", "kind", "period_id", "from_day", "through_day", "day_zone", "closed_before", "read_seq", "sealed", "reason", "proposal_id", "decided_at", "actor", "approved_by") overriding system value values
('0','1000020','main','zone',null,null,null,'Europe/Amsterdam',null,null,null,null,null,'2026-11-30 10:07:40.623+00','finance:fiona',null);
insert into "reconciliation_v10_1"."quarter_total" ("tenant", "quarter", "partition", "type", "currency", "operation", "purpose", "in_minor", "out_minor", "entries") overriding system value values
('main','2026-01-10 08:00:00+00','0','customer','EUR','','','10000','0','1'),
('main','2026-01-10 08:00:00+00','0','external','EUR','','','0','10000','1'),
('main','2026-01-12 08:00:00+00','0','customer','EUR','','','10002','0','1'),
('main','2026-01-12 08:00:00+00','0','external','EUR','','','0','10002','1'),
('main','2026-01-14 08:00:00+00','0','customer','EUR','','','10004','0','1'),
('main','2026-01-14 08:00:00+00','0','external','EUR','','','0','10004','1'),
('main','2026-01-16 08:00:00+00','0','customer','EUR','','','10006','0','1'),
('main','2026-01-16 08:00:00+00','0','external','EUR','','','0','10006','1'),
('main','2026-01-18 08:00:00+00','0','customer','EUR','','','10008','0','1'),
('main','2026-01-18 08:00:00+00','0','external','EUR','','','0','10008','1'),
('main','2026-01-20 08:00:00+00','0','customer','EUR','','','10010','0','1'),
('main','2026-01-20 08:00:00+00','0','external','EUR','','','0','10010','1'),
('main','2026-02-11 08:00:00+00','0','customer','EUR','','','10001','0','1'),
('main','2026-02-11 08:00:00+00','0','external','EUR','','','0','10001','1'),
('main','2026-02-13 08:00:00+00','0','customer','EUR','','','10003','0','1'),
('main','2026-02-13 08:00:00+00','0','external','EUR','','','0','10003','1'),
('main','2026-02-15 08:00:00+00','0','customer','EUR','','','10005','0','1'),
('main','2026-02-15 08:00:00+00','0','external','EUR','','','0','10005','1'),
('main','2026-02-17 08:00:00+00','0','customer','EUR','','','10007','0','1'),
('main','2026-02-17 08:00:00+00','0','external','EUR','','','0','10007','1'),
('main','2026-02-19 08:00:00+00','0','customer','EUR','','','10009','0','1'),
('main','2026-02-19 08:00:00+00','0','external','EUR','','','0','10009','1'),
('main','2026-02-21 08:00:00+00','0','customer','EUR','','','10011','0','1'),
('main','2026-02-21 08:00:00+00','0','external','EUR','','','0','10011','1'),
('main','2026-03-02 12:00:00+00','0','customer','EUR','','','25999','4000','3'),
('main','2026-03-02 12:00:00+00','0','external','EUR','','','4000','25999','3'),
('main','2026-11-30 10:00:00+00','0','customer','EUR','','','93665','93730','15'),
('main','2026-11-30 10:00:00+00','0','customer','JPY','','','1000000','0','1'),
('main','2026-11-30 10:00:00+00','0','customer','USD','','','123456789','9','2'),
('main','2026-11-30 10:00:00+00','0','external','EUR','','','0','0','1'),
('main','2026-11-30 10:00:00+00','0','external','JPY','','','0','1000000','1'),
('main','2026-11-30 10:00:00+00','0','external','USD','','','9','1000000123456789','3'),
('main','2026-11-30 10:00:00+00','0','internal','EUR','','','65','0','2'),
('main','2026-11-30 10:00:00+00','0','internal','USD','','','1000000000000000','0','1');
select setval('projection.generation', 1, 't');
select setval('projection.lease_term', 4, 't');
alter table projection.checkpoint add constraint checkpoint_pkey PRIMARY KEY (schema_name, partition);
alter table projection.failure add constraint failure_pkey PRIMARY KEY (service, name);
alter table projection.failure add constraint failure_what_check CHECK ((what = ANY (ARRAY['rebuild'::text, 'rollback'::text])));
alter table projection.lease add constraint lease_pkey PRIMARY KEY (name);
alter table projection.lease_notice add constraint lease_notice_pkey PRIMARY KEY (name, owner_id);
alter table projection.version add constraint version_pkey PRIMARY KEY (schema_name);
alter table projection.version add constraint version_state_check CHECK ((state = ANY (ARRAY['live'::text, 'building'::text, 'retired'::text])));
alter table reconciliation_v10_1.across_payment add constraint across_payment_pkey PRIMARY KEY (payment_id);
alter table reconciliation_v10_1.bank_statement add constraint bank_statement_pkey PRIMARY KEY (tenant, account_id, seq);
alter table reconciliation_v10_1.bank_statement_part add constraint bank_statement_part_pkey PRIMARY KEY (tenant, account_id, import_id, seq);
alter table reconciliation_v10_1.bank_statement_withdrawal add constraint bank_statement_withdrawal_pkey PRIMARY KEY (tenant, account_id, statement_seq);
alter table reconciliation_v10_1.ledger_account add constraint ledger_account_pkey PRIMARY KEY (tenant, account_id);
alter table reconciliation_v10_1.period_fact add constraint period_fact_pkey PRIMARY KEY (partition, seq);
alter table reconciliation_v10_1.transit add constraint transit_pkey PRIMARY KEY (other, tenant, partition, currency);
alter table projection.checkpoint add constraint checkpoint_schema_name_fkey FOREIGN KEY (schema_name) REFERENCES projection.version(schema_name) ON DELETE CASCADE;
CREATE UNIQUE INDEX version_one_building ON projection.version USING btree (service, name) WHERE (state = 'building'::text);
CREATE UNIQUE INDEX version_one_live ON projection.version USING btree (service, name) WHERE (state = 'live'::text);
CREATE UNIQUE INDEX account_month_place ON reconciliation_v10_1.account_month USING btree (tenant, month, account_id);
CREATE INDEX across_open ON reconciliation_v10_1.across_payment USING btree (tenant, decided_at, partition, seq) WHERE (state <> 'ended'::text);
CREATE INDEX bank_statement_by_time ON reconciliation_v10_1.bank_statement USING btree (tenant, decided_at, partition, seq);
CREATE INDEX ledger_account_by_tenant ON reconciliation_v10_1.ledger_account USING btree (tenant, currency, account_id);
CREATE INDEX ledger_entry_by_time ON reconciliation_v10_1.ledger_entry USING btree (account_id, tenant, effective_at, seq, index);
CREATE UNIQUE INDEX ledger_entry_place ON reconciliation_v10_1.ledger_entry USING btree (account_id, tenant, seq, index);
CREATE INDEX movement_by_time ON reconciliation_v10_1.movement USING btree (tenant, quarter);
CREATE UNIQUE INDEX movement_place ON reconciliation_v10_1.movement USING btree (account_id, tenant, quarter, operation, purpose);
CREATE INDEX period_fact_by_tenant ON reconciliation_v10_1.period_fact USING btree (tenant, kind);
CREATE UNIQUE INDEX quarter_total_place ON reconciliation_v10_1.quarter_total USING btree (tenant, quarter, partition, type, currency, operation, purpose);
CREATE INDEX transit_entry_by_value_date ON reconciliation_v10_1.transit_entry USING btree (tenant, effective_at);
CREATE INDEX transit_entry_place ON reconciliation_v10_1.transit_entry USING btree (tenant, partition, seq);
