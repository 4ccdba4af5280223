set check_function_bodies to off;
create schema accounts_v4_1;
create schema projection;
CREATE OR REPLACE FUNCTION projection.state_of(text)
 RETURNS text
 LANGUAGE sql
AS $function$select state from projection.version where schema_name = $1$function$
;
create sequence projection.generation as bigint;
create sequence projection.lease_term as bigint;
create table accounts_v4_1.account (
  account_id text collate "C" not null,
  partition integer not null,
  tenant text collate "C" not null,
  type text not null,
  currency text not null,
  owner text collate "C" not null,
  name text,
  overdraft_limit bigint,
  status text not null,
  balance_minor bigint not null,
  opened_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  changed_seq bigint not null
) with (fillfactor=60);
create table accounts_v4_1.entry (
  account_id text collate "C" not null,
  seq bigint not null,
  index integer not null,
  partition integer not null,
  tenant text collate "C" not null,
  payment_id text collate "C" not null,
  kind text not null,
  counterparty text collate "C" not null,
  amount_minor bigint not null,
  currency text not null,
  balance_after_minor bigint not null,
  effective_at timestamp with time zone not null,
  decided_at timestamp with time zone not null,
  reference text,
  description text
);
create table accounts_v4_1.payee (
  tenant text collate "C" not null,
  owner text collate "C" not null,
  alias_key text collate "C" not null,
  alias text not null,
  account_id text collate "C" not null,
  saved_at timestamp with time zone not null
);
create table accounts_v4_1.payment (
  payment_id text collate "C" not null,
  partition integer not null,
  seq bigint not null,
  tenant text collate "C" not null,
  status text not null,
  rejection_code text,
  rejection_detail text,
  kind text,
  postings jsonb not null,
  effective_at timestamp with time zone not null,
  decided_at timestamp with time zone not null,
  reference text,
  description text,
  metadata jsonb not null,
  actor text not null,
  client text not null
);
create table accounts_v4_1.refused_payment (
  account_id text collate "C" not null,
  decided_at timestamp with time zone not null,
  effective_at timestamp with time zone not null,
  partition integer not null,
  seq bigint not null
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
  fold jsonb
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
  tenant text
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
insert into "accounts_v4_1"."account" ("account_id", "partition", "tenant", "type", "currency", "owner", "name", "overdraft_limit", "status", "balance_minor", "opened_at", "changed_at", "changed_seq") overriding system value values
('ada:jpy','0','main','customer','JPY','customer:ada',null,'0','open','1000000','2026-11-29 16:55:27.748+00','2026-11-29 16:55:48.555+00','1000012'),
('ada:main','0','main','customer','EUR','customer:ada','Ada Lovelace','50000','open','4674','2026-11-29 16:55:27.672+00','2026-11-29 16:55:48.527+00','1000009'),
('ada:savings','0','main','customer','EUR','customer:ada',null,'0','open','100','2026-11-29 16:55:27.692+00','2026-11-29 16:55:48.527+00','1000009'),
('ada:usd','0','main','customer','USD','customer:ada',null,'0','open','123456780','2026-11-29 16:55:27.705+00','2026-11-29 16:55:48.546+00','1000011'),
('bank:house','0','main','external','EUR','house:micropay','House bank',null,'open','-21999','2026-11-29 16:55:27.612+00','2026-11-29 16:55:48.254+00','1000006'),
('ben:main','0','main','customer','EUR','customer:ben','Ben Franklin','0','open','45266','2026-11-29 16:55:27.762+00','2026-11-29 16:55:48.254+00','1000006'),
('ben:usd','0','main','customer','USD','customer:ben',null,'0','frozen','0','2026-11-29 16:55:27.773+00','2026-11-29 16:55:48.511+00','1000008'),
('cash:eur','0','main','external','EUR','house:micropay','Cash desk',null,'open','-120066','2026-11-29 16:55:27.55+00','2026-11-29 16:55:27.947+00','27'),
('cash:jpy','0','main','external','JPY','house:micropay',null,null,'open','-1000000','2026-11-29 16:55:27.595+00','2026-11-29 16:55:48.555+00','1000012'),
('cash:usd','0','main','external','USD','house:micropay',null,null,'open','-1000000123456780','2026-11-29 16:55:27.586+00','2026-11-29 16:55:48.566+00','1000013'),
('fees:eur','0','main','internal','EUR','house:micropay','Fees',null,'open','25','2026-11-29 16:55:27.64+00','2026-11-29 16:55:28.022+00','30'),
('fees:usd','0','main','internal','USD','house:micropay',null,null,'open','1000000000000000','2026-11-29 16:55:27.656+00','2026-11-29 16:55:48.566+00','1000013'),
('old:main','0','main','customer','EUR','customer:ivan','Ivan Horvat, old account','0','closed','0','2026-11-29 16:55:27.789+00','2026-11-29 16:55:48.203+00','1000002'),
('rent{linden}','0','main','customer','EUR','customer:landlord',null,null,'open','92000','2026-11-29 16:55:27.782+00','2026-11-29 16:55:28.022+00','30');
insert into "accounts_v4_1"."entry" ("account_id", "seq", "index", "partition", "tenant", "payment_id", "kind", "counterparty", "amount_minor", "currency", "balance_after_minor", "effective_at", "decided_at", "reference", "description") overriding system value values
('ada:jpy','1000012','1','0','main','pay-0-1000012','deposit','cash:jpy','1000000','JPY','1000000','2026-11-29 16:55:48.555+00','2026-11-29 16:55:48.555+00',null,null),
('ada:main','1000004','1','0','main','pay-0-1000004','deposit','bank:house','25000','EUR','8774','2026-03-02 12:00:00+00','2026-11-29 16:55:48.225+00','E2E-100',null),
('ada:main','1000005','0','0','main','pay-0-1000005','withdrawal','bank:house','-4000','EUR','4774','2026-03-02 12:00:00+00','2026-11-29 16:55:48.233+00','E2E-200',null),
('ada:main','1000009','0','0','main','pay-0-1000009','payment','ada:savings','-100','EUR','4674','2026-11-29 16:55:48.527+00','2026-11-29 16:55:48.527+00',null,null),
('ada:main','17','1','0','main','pay-0-17','deposit','cash:eur','10001','EUR','10001','2026-02-11 08:00:00+00','2026-11-29 16:55:27.83+00',null,null),
('ada:main','18','1','0','main','pay-0-18','deposit','cash:eur','10002','EUR','20003','2026-01-12 08:00:00+00','2026-11-29 16:55:27.837+00',null,null),
('ada:main','20','1','0','main','pay-0-20','deposit','cash:eur','10004','EUR','30007','2026-01-14 08:00:00+00','2026-11-29 16:55:27.86+00',null,null),
('ada:main','21','1','0','main','pay-0-21','deposit','cash:eur','10005','EUR','40012','2026-02-15 08:00:00+00','2026-11-29 16:55:27.874+00',null,null),
('ada:main','23','1','0','main','pay-0-23','deposit','cash:eur','10007','EUR','50019','2026-02-17 08:00:00+00','2026-11-29 16:55:27.913+00',null,null),
('ada:main','24','1','0','main','pay-0-24','deposit','cash:eur','10008','EUR','60027','2026-01-18 08:00:00+00','2026-11-29 16:55:27.921+00',null,null),
('ada:main','26','1','0','main','pay-0-26','deposit','cash:eur','10010','EUR','70037','2026-01-20 08:00:00+00','2026-11-29 16:55:27.938+00',null,null),
('ada:main','27','1','0','main','pay-0-27','deposit','cash:eur','10011','EUR','80048','2026-02-21 08:00:00+00','2026-11-29 16:55:27.947+00',null,null),
('ada:main','28','0','0','main','pay-0-28','payment','ben:main','-1250','EUR','78798','2026-11-29 16:55:27.986+00','2026-11-29 16:55:27.986+00','LUNCH','Soupe à l’oignon'),
('ada:main','29','0','0','main','pay-0-29','payment','ben:main','-4999','EUR','73799','2026-02-27 22:30:00+00','2026-11-29 16:55:28.008+00','INV-1','Paper, ink "and" more'),
('ada:main','30','0','0','main','pay-0-30','transfer','rent{linden}','-90000','EUR','-16201','2026-11-29 16:55:28.022+00','2026-11-29 16:55:28.022+00',null,null),
('ada:main','30','4','0','main','pay-0-30','transfer','fees:eur','-25','EUR','-16226','2026-11-29 16:55:28.022+00','2026-11-29 16:55:28.022+00',null,null),
('ada:savings','1000009','1','0','main','pay-0-1000009','payment','ada:main','100','EUR','100','2026-11-29 16:55:48.527+00','2026-11-29 16:55:48.527+00',null,null),
('ada:usd','1000010','1','0','main','pay-0-1000010','deposit','cash:usd','123456789','USD','123456789','2026-11-29 16:55:48.536+00','2026-11-29 16:55:48.536+00',null,null),
('ada:usd','1000011','0','0','main','pay-0-1000011','withdrawal','cash:usd','-9','USD','123456780','2026-11-29 16:55:48.546+00','2026-11-29 16:55:48.546+00',null,null),
('bank:house','1000004','0','0','main','pay-0-1000004','deposit','ada:main','-25000','EUR','-25000','2026-03-02 12:00:00+00','2026-11-29 16:55:48.225+00','E2E-100',null),
('bank:house','1000005','1','0','main','pay-0-1000005','withdrawal','ada:main','4000','EUR','-21000','2026-03-02 12:00:00+00','2026-11-29 16:55:48.233+00','E2E-200',null),
('bank:house','1000006','0','0','main','pay-0-1000006','deposit','ben:main','-999','EUR','-21999','2026-03-02 12:00:00+00','2026-11-29 16:55:48.254+00','E2E-300',null),
('ben:main','1000006','1','0','main','pay-0-1000006','deposit','bank:house','999','EUR','45266','2026-03-02 12:00:00+00','2026-11-29 16:55:48.254+00','E2E-300',null),
('ben:main','16','1','0','main','pay-0-16','deposit','cash:eur','10000','EUR','10000','2026-01-10 08:00:00+00','2026-11-29 16:55:27.814+00',null,null),
('ben:main','19','1','0','main','pay-0-19','deposit','cash:eur','10003','EUR','20003','2026-02-13 08:00:00+00','2026-11-29 16:55:27.851+00',null,null),
('ben:main','22','1','0','main','pay-0-22','deposit','cash:eur','10006','EUR','30009','2026-01-16 08:00:00+00','2026-11-29 16:55:27.905+00',null,null),
('ben:main','25','1','0','main','pay-0-25','deposit','cash:eur','10009','EUR','40018','2026-02-19 08:00:00+00','2026-11-29 16:55:27.933+00',null,null),
('ben:main','28','1','0','main','pay-0-28','payment','ada:main','1250','EUR','41268','2026-11-29 16:55:27.986+00','2026-11-29 16:55:27.986+00','LUNCH','Soupe à l’oignon'),
('ben:main','29','1','0','main','pay-0-29','payment','ada:main','4999','EUR','46267','2026-02-27 22:30:00+00','2026-11-29 16:55:28.008+00','INV-1','Paper, ink "and" more'),
('ben:main','30','2','0','main','pay-0-30','transfer','rent{linden}','-2000','EUR','44267','2026-11-29 16:55:28.022+00','2026-11-29 16:55:28.022+00',null,null),
('cash:eur','16','0','0','main','pay-0-16','deposit','ben:main','-10000','EUR','-10000','2026-01-10 08:00:00+00','2026-11-29 16:55:27.814+00',null,null),
('cash:eur','17','0','0','main','pay-0-17','deposit','ada:main','-10001','EUR','-20001','2026-02-11 08:00:00+00','2026-11-29 16:55:27.83+00',null,null),
('cash:eur','18','0','0','main','pay-0-18','deposit','ada:main','-10002','EUR','-30003','2026-01-12 08:00:00+00','2026-11-29 16:55:27.837+00',null,null),
('cash:eur','19','0','0','main','pay-0-19','deposit','ben:main','-10003','EUR','-40006','2026-02-13 08:00:00+00','2026-11-29 16:55:27.851+00',null,null),
('cash:eur','20','0','0','main','pay-0-20','deposit','ada:main','-10004','EUR','-50010','2026-01-14 08:00:00+00','2026-11-29 16:55:27.86+00',null,null),
('cash:eur','21','0','0','main','pay-0-21','deposit','ada:main','-10005','EUR','-60015','2026-02-15 08:00:00+00','2026-11-29 16:55:27.874+00',null,null),
('cash:eur','22','0','0','main','pay-0-22','deposit','ben:main','-10006','EUR','-70021','2026-01-16 08:00:00+00','2026-11-29 16:55:27.905+00',null,null),
('cash:eur','23','0','0','main','pay-0-23','deposit','ada:main','-10007','EUR','-80028','2026-02-17 08:00:00+00','2026-11-29 16:55:27.913+00',null,null),
('cash:eur','24','0','0','main','pay-0-24','deposit','ada:main','-10008','EUR','-90036','2026-01-18 08:00:00+00','2026-11-29 16:55:27.921+00',null,null),
('cash:eur','25','0','0','main','pay-0-25','deposit','ben:main','-10009','EUR','-100045','2026-02-19 08:00:00+00','2026-11-29 16:55:27.933+00',null,null),
('cash:eur','26','0','0','main','pay-0-26','deposit','ada:main','-10010','EUR','-110055','2026-01-20 08:00:00+00','2026-11-29 16:55:27.938+00',null,null),
('cash:eur','27','0','0','main','pay-0-27','deposit','ada:main','-10011','EUR','-120066','2026-02-21 08:00:00+00','2026-11-29 16:55:27.947+00',null,null),
('cash:jpy','1000012','0','0','main','pay-0-1000012','deposit','ada:jpy','-1000000','JPY','-1000000','2026-11-29 16:55:48.555+00','2026-11-29 16:55:48.555+00',null,null),
('cash:usd','1000010','0','0','main','pay-0-1000010','deposit','ada:usd','-123456789','USD','-123456789','2026-11-29 16:55:48.536+00','2026-11-29 16:55:48.536+00',null,null),
('cash:usd','1000011','1','0','main','pay-0-1000011','withdrawal','ada:usd','9','USD','-123456780','2026-11-29 16:55:48.546+00','2026-11-29 16:55:48.546+00',null,null),
('cash:usd','1000013','0','0','main','pay-0-1000013','deposit','fees:usd','-1000000000000000','USD','-1000000123456780','2026-11-29 16:55:48.566+00','2026-11-29 16:55:48.566+00',null,null),
('fees:eur','30','5','0','main','pay-0-30','transfer','ada:main','25','EUR','25','2026-11-29 16:55:28.022+00','2026-11-29 16:55:28.022+00',null,null),
('fees:usd','1000013','1','0','main','pay-0-1000013','deposit','cash:usd','1000000000000000','USD','1000000000000000','2026-11-29 16:55:48.566+00','2026-11-29 16:55:48.566+00',null,null),
('rent{linden}','30','1','0','main','pay-0-30','transfer','ada:main','90000','EUR','90000','2026-11-29 16:55:28.022+00','2026-11-29 16:55:28.022+00',null,null),
('rent{linden}','30','3','0','main','pay-0-30','transfer','ben:main','2000','EUR','92000','2026-11-29 16:55:28.022+00','2026-11-29 16:55:28.022+00',null,null);
insert into "accounts_v4_1"."payee" ("tenant", "owner", "alias_key", "alias", "account_id", "saved_at") overriding system value values
('main','customer:ada','ben','Ben','ben:main','2026-11-29 16:55:28.132+00'),
('main','customer:ben','ada','Ada','ada:main','2026-11-29 16:55:28.151+00');
insert into "accounts_v4_1"."payment" ("payment_id", "partition", "seq", "tenant", "status", "rejection_code", "rejection_detail", "kind", "postings", "effective_at", "decided_at", "reference", "description", "metadata", "actor", "client") overriding system value values
('pay-0-1000004','0','1000004','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "bank:house", "amount": "25000", "currency": "EUR"}]','2026-03-02 12:00:00+00','2026-11-29 16:55:48.225+00','E2E-100',null,'{}','operator:olga','olga'),
('pay-0-1000005','0','1000005','main','posted',null,null,'withdrawal','[{"to": "bank:house", "from": "ada:main", "amount": "4000", "currency": "EUR"}]','2026-03-02 12:00:00+00','2026-11-29 16:55:48.233+00','E2E-200',null,'{}','operator:olga','olga'),
('pay-0-1000006','0','1000006','main','posted',null,null,'deposit','[{"to": "ben:main", "from": "bank:house", "amount": "999", "currency": "EUR"}]','2026-03-02 12:00:00+00','2026-11-29 16:55:48.254+00','E2E-300',null,'{}','operator:olga','olga'),
('pay-0-1000009','0','1000009','main','posted',null,null,'payment','[{"to": "ada:savings", "from": "ada:main", "amount": "100", "currency": "EUR"}]','2026-11-29 16:55:48.527+00','2026-11-29 16:55:48.527+00',null,null,'{}','customer:ada','ada'),
('pay-0-1000010','0','1000010','main','posted',null,null,'deposit','[{"to": "ada:usd", "from": "cash:usd", "amount": "123456789", "currency": "USD"}]','2026-11-29 16:55:48.536+00','2026-11-29 16:55:48.536+00',null,null,'{}','operator:olga','olga'),
('pay-0-1000011','0','1000011','main','posted',null,null,'withdrawal','[{"to": "cash:usd", "from": "ada:usd", "amount": "9", "currency": "USD"}]','2026-11-29 16:55:48.546+00','2026-11-29 16:55:48.546+00',null,null,'{}','operator:olga','olga'),
('pay-0-1000012','0','1000012','main','posted',null,null,'deposit','[{"to": "ada:jpy", "from": "cash:jpy", "amount": "1000000", "currency": "JPY"}]','2026-11-29 16:55:48.555+00','2026-11-29 16:55:48.555+00',null,null,'{}','operator:olga','olga'),
('pay-0-1000013','0','1000013','main','posted',null,null,'deposit','[{"to": "fees:usd", "from": "cash:usd", "amount": "1000000000000000", "currency": "USD"}]','2026-11-29 16:55:48.566+00','2026-11-29 16:55:48.566+00',null,null,'{}','operator:olga','olga'),
('pay-0-16','0','16','main','posted',null,null,'deposit','[{"to": "ben:main", "from": "cash:eur", "amount": "10000", "currency": "EUR"}]','2026-01-10 08:00:00+00','2026-11-29 16:55:27.814+00',null,null,'{}','operator:olga','olga'),
('pay-0-17','0','17','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10001", "currency": "EUR"}]','2026-02-11 08:00:00+00','2026-11-29 16:55:27.83+00',null,null,'{}','operator:olga','olga'),
('pay-0-18','0','18','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10002", "currency": "EUR"}]','2026-01-12 08:00:00+00','2026-11-29 16:55:27.837+00',null,null,'{}','operator:olga','olga'),
('pay-0-19','0','19','main','posted',null,null,'deposit','[{"to": "ben:main", "from": "cash:eur", "amount": "10003", "currency": "EUR"}]','2026-02-13 08:00:00+00','2026-11-29 16:55:27.851+00',null,null,'{}','operator:olga','olga'),
('pay-0-20','0','20','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10004", "currency": "EUR"}]','2026-01-14 08:00:00+00','2026-11-29 16:55:27.86+00',null,null,'{}','operator:olga','olga'),
('pay-0-21','0','21','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10005", "currency": "EUR"}]','2026-02-15 08:00:00+00','2026-11-29 16:55:27.874+00',null,null,'{}','operator:olga','olga'),
('pay-0-22','0','22','main','posted',null,null,'deposit','[{"to": "ben:main", "from": "cash:eur", "amount": "10006", "currency": "EUR"}]','2026-01-16 08:00:00+00','2026-11-29 16:55:27.905+00',null,null,'{}','operator:olga','olga'),
('pay-0-23','0','23','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10007", "currency": "EUR"}]','2026-02-17 08:00:00+00','2026-11-29 16:55:27.913+00',null,null,'{}','operator:olga','olga'),
('pay-0-24','0','24','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10008", "currency": "EUR"}]','2026-01-18 08:00:00+00','2026-11-29 16:55:27.921+00',null,null,'{}','operator:olga','olga'),
('pay-0-25','0','25','main','posted',null,null,'deposit','[{"to": "ben:main", "from": "cash:eur", "amount": "10009", "currency": "EUR"}]','2026-02-19 08:00:00+00','2026-11-29 16:55:27.933+00',null,null,'{}','operator:olga','olga'),
('pay-0-26','0','26','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10010", "currency": "EUR"}]','2026-01-20 08:00:00+00','2026-11-29 16:55:27.938+00',null,null,'{}','operator:olga','olga'),
('pay-0-27','0','27','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10011", "currency": "EUR"}]','2026-02-21 08:00:00+00','2026-11-29 16:55:27.947+00',null,null,'{}','operator:olga','olga'),
('pay-0-28','0','28','main','posted',null,null,'payment','[{"to": "ben:main", "from": "ada:main", "amount": "1250", "currency": "EUR"}]','2026-11-29 16:55:27.986+00','2026-11-29 16:55:27.986+00','LUNCH','Soupe à l’oignon','{}','customer:ada','ada'),
('pay-0-29','0','29','main','posted',null,null,'payment','[{"to": "ben:main", "from": "ada:main", "amount": "4999", "currency": "EUR"}]','2026-02-27 22:30:00+00','2026-11-29 16:55:28.008+00','INV-1','Paper, ink "and" more','{"note": "ünïcödé ✓", "order": "A-1", "channel": "web"}','customer:ada','ada'),
('pay-0-30','0','30','main','posted',null,null,'transfer','[{"to": "rent{linden}", "from": "ada:main", "amount": "90000", "currency": "EUR"}, {"to": "rent{linden}", "from": "ben:main", "amount": "2000", "currency": "EUR"}, {"to": "fees:eur", "from": "ada:main", "amount": "25", "currency": "EUR"}]','2026-11-29 16:55:28.022+00','2026-11-29 16:55:28.022+00',null,null,'{}','operator:olga','olga'),
('pay-0-31','0','31','main','rejected','insufficient_funds','ada:main has 337.74 EUR available: pay less, or add money first',null,'[{"to": "fees:eur", "from": "ada:main", "amount": "60000", "currency": "EUR"}]','2026-11-29 16:55:28.037+00','2026-11-29 16:55:28.037+00',null,null,'{}','customer:ada','ada'),
('pay-0-32','0','32','main','rejected','insufficient_funds','ben:main has 442.67 EUR available: pay less, or add money first',null,'[{"to": "ada:main", "from": "ben:main", "amount": "99999999", "currency": "EUR"}]','2026-11-29 16:55:28.056+00','2026-11-29 16:55:28.056+00','REFUSED',null,'{}','customer:ben','ben'),
('pay-0-33','0','33','main','rejected','account_not_found','there is no account nobody:main',null,'[{"to": "nobody:main", "from": "cash:eur", "amount": "100", "currency": "EUR"}]','2026-11-29 16:55:28.065+00','2026-11-29 16:55:28.065+00',null,null,'{}','operator:olga','olga'),
('pay-0-34','0','34','main','rejected','currency_mismatch','ada:main holds EUR, not USD: name its own currency',null,'[{"to": "ada:main", "from": "cash:usd", "amount": "100", "currency": "USD"}]','2026-11-29 16:55:28.079+00','2026-11-29 16:55:28.079+00',null,null,'{}','operator:olga','olga'),
('pay-0-35','0','35','main','rejected','account_not_found','there is no account ada:main that you may pay from',null,'[{"to": "ben:main", "from": "ada:main", "amount": "100", "currency": "EUR"}]','2026-11-29 16:55:28.096+00','2026-11-29 16:55:28.096+00',null,null,'{}','customer:ben','ben'),
('pay-0-37','0','37','main','rejected','account_frozen','old:main is frozen',null,'[{"to": "old:main", "from": "cash:eur", "amount": "100", "currency": "EUR"}]','2026-11-29 16:55:28.119+00','2026-11-29 16:55:28.119+00',null,null,'{}','operator:olga','olga');
insert into "accounts_v4_1"."refused_payment" ("account_id", "decided_at", "effective_at", "partition", "seq") overriding system value values
('ada:main','2026-11-29 16:55:28.037+00','2026-11-29 16:55:28.037+00','0','31'),
('ben:main','2026-11-29 16:55:28.056+00','2026-11-29 16:55:28.056+00','0','32'),
('cash:eur','2026-11-29 16:55:28.065+00','2026-11-29 16:55:28.065+00','0','33'),
('cash:eur','2026-11-29 16:55:28.119+00','2026-11-29 16:55:28.119+00','0','37'),
('cash:usd','2026-11-29 16:55:28.079+00','2026-11-29 16:55:28.079+00','0','34');
insert into "projection"."checkpoint" ("schema_name", "partition", "log_offset", "epoch", "claim_id", "seq", "hash", "genesis", "voids", "caught_up_at", "rate_per_second", "stopped", "fold") overriding system value values
('accounts_v4_1','0','63','4','36SuA0NRnkxoyeEH_SjFlA','1000013','qVda-9V_9n8GRFSfgSClCd07-s5tzPjpr6GhBn4DuB4','{"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}','2','2026-11-29 16:55:53.946183+00','1.9833316',null,'{"seq": 1000013, "hash": "qVda-9V_9n8GRFSfgSClCd07-s5tzPjpr6GhBn4DuB4", "epoch": 4, "voids": 2, "agedMs": 21016, "offset": "63", "claimId": "36SuA0NRnkxoyeEH_SjFlA", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "61", "decidedAt": "2026-11-29T16:55:48.566Z", "partition": 0, "generation": 1, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "cHmq23mNlwNiocJz5FFNrlTYNGukfL2jxcw1aZyCh18", "acceptedDecidedAt": "2026-11-29T16:55:28.168Z"}');
insert into "projection"."lease" ("name", "owner_id", "acquired_at", "expires_at", "session_until", "term", "tenant") overriding system value values
('projection accounts/accounts 0','vm-27168','2026-11-29 16:55:47.326917+00','-infinity',null,'4',null),
('rebuild accounts/accounts','vm-27168','2026-11-29 16:55:47.267084+00','-infinity',null,'3',null);
insert into "projection"."version" ("schema_name", "service", "name", "version", "state", "made_at", "switched_at") overriding system value values
('accounts_v4_1','accounts','accounts','4','live','2026-11-29 16:55:26.726918+00',null);
select setval('projection.generation', 1, 't');
select setval('projection.lease_term', 4, 't');
alter table accounts_v4_1.account add constraint account_pkey PRIMARY KEY (account_id);
alter table accounts_v4_1.payee add constraint payee_pkey PRIMARY KEY (tenant, owner, alias_key);
alter table accounts_v4_1.payment add constraint payment_pkey PRIMARY KEY (partition, seq);
alter table projection.checkpoint add constraint checkpoint_pkey PRIMARY KEY (schema_name, partition);
alter table projection.failure add constraint failure_pkey PRIMARY KEY (service, name);
alter table projection.failure add constraint failure_what_check CHECK ((what = ANY (ARRAY['rebuild'::text, 'rollback'::text])));
alter table projection.lease add constraint lease_pkey PRIMARY KEY (name);
alter table projection.version add constraint version_pkey PRIMARY KEY (schema_name);
alter table projection.version add constraint version_state_check CHECK ((state = ANY (ARRAY['live'::text, 'building'::text, 'retired'::text])));
alter table projection.checkpoint add constraint checkpoint_schema_name_fkey FOREIGN KEY (schema_name) REFERENCES projection.version(schema_name) ON DELETE CASCADE;
CREATE INDEX account_by_owner ON accounts_v4_1.account USING btree (tenant, owner, account_id);
CREATE INDEX account_by_tenant ON accounts_v4_1.account USING btree (tenant, account_id);
CREATE INDEX entry_by_value_date ON accounts_v4_1.entry USING btree (account_id, effective_at, seq, index) INCLUDE (amount_minor);
CREATE UNIQUE INDEX entry_place ON accounts_v4_1.entry USING btree (account_id, seq, index) INCLUDE (decided_at);
CREATE INDEX payment_by_reference ON accounts_v4_1.payment USING btree (reference, tenant, decided_at, partition, seq) WHERE (reference IS NOT NULL);
CREATE INDEX payment_by_time ON accounts_v4_1.payment USING btree (tenant, decided_at, partition, seq);
CREATE INDEX payment_by_value_date ON accounts_v4_1.payment USING btree (tenant, effective_at, partition, seq);
CREATE INDEX payment_rejected ON accounts_v4_1.payment USING btree (tenant, decided_at, partition, seq) WHERE (status = 'rejected'::text);
CREATE INDEX refused_by_time ON accounts_v4_1.refused_payment USING btree (account_id, decided_at, partition, seq);
CREATE INDEX refused_by_value_date ON accounts_v4_1.refused_payment USING btree (account_id, effective_at, partition, seq);
CREATE UNIQUE INDEX version_one_building ON projection.version USING btree (service, name) WHERE (state = 'building'::text);
CREATE UNIQUE INDEX version_one_live ON projection.version USING btree (service, name) WHERE (state = 'live'::text);
