set check_function_bodies to off;
create schema accounts_v4_1;
create schema projection;
CREATE OR REPLACE FUNCTION projection.state_of(text)
 RETURNS text
 LANGUAGE sql
AS $function$select state from projection.version where schema_name = $1$function$
;
create sequence projection.generation as bigint;
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
  stopped text
) with (fillfactor=50);
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
('ada:jpy','0','main','customer','JPY','customer:ada',null,'0','open','1000000','2026-11-29 14:27:01.551+00','2026-11-29 14:27:24.658+00','54'),
('ada:main','0','main','customer','EUR','customer:ada','Ada Lovelace','50000','open','4674','2026-11-29 14:27:01.315+00','2026-11-29 14:27:24.501+00','51'),
('ada:savings','0','main','customer','EUR','customer:ada',null,'0','open','100','2026-11-29 14:27:01.378+00','2026-11-29 14:27:24.501+00','51'),
('ada:usd','0','main','customer','USD','customer:ada',null,'0','open','123456780','2026-11-29 14:27:01.435+00','2026-11-29 14:27:24.618+00','53'),
('bank:house','0','main','external','EUR','house:micropay','House bank',null,'open','-21999','2026-11-29 14:27:01.118+00','2026-11-29 14:27:22.706+00','48'),
('ben:main','0','main','customer','EUR','customer:ben','Ben Franklin','0','open','45266','2026-11-29 14:27:01.627+00','2026-11-29 14:27:22.706+00','48'),
('ben:usd','0','main','customer','USD','customer:ben',null,'0','frozen','0','2026-11-29 14:27:01.657+00','2026-11-29 14:27:24.425+00','50'),
('cash:eur','0','main','external','EUR','house:micropay','Cash desk',null,'open','-120066','2026-11-29 14:27:00.787+00','2026-11-29 14:27:02.465+00','27'),
('cash:jpy','0','main','external','JPY','house:micropay',null,null,'open','-1000000','2026-11-29 14:27:00.974+00','2026-11-29 14:27:24.658+00','54'),
('cash:usd','0','main','external','USD','house:micropay',null,null,'open','-1000000123456780','2026-11-29 14:27:00.902+00','2026-11-29 14:27:24.709+00','55'),
('fees:eur','0','main','internal','EUR','house:micropay','Fees',null,'open','25','2026-11-29 14:27:01.167+00','2026-11-29 14:27:02.682+00','30'),
('fees:usd','0','main','internal','USD','house:micropay',null,null,'open','1000000000000000','2026-11-29 14:27:01.252+00','2026-11-29 14:27:24.709+00','55'),
('old:main','0','main','customer','EUR','customer:ivan','Ivan Horvat, old account','0','closed','0','2026-11-29 14:27:01.777+00','2026-11-29 14:27:22.57+00','44'),
('rent{linden}','0','main','customer','EUR','customer:landlord',null,null,'open','92000','2026-11-29 14:27:01.707+00','2026-11-29 14:27:02.682+00','30');
insert into "accounts_v4_1"."entry" ("account_id", "seq", "index", "partition", "tenant", "payment_id", "kind", "counterparty", "amount_minor", "currency", "balance_after_minor", "effective_at", "decided_at", "reference", "description") overriding system value values
('ada:jpy','54','1','0','main','pay-0-54','deposit','cash:jpy','1000000','JPY','1000000','2026-11-29 14:27:24.658+00','2026-11-29 14:27:24.658+00',null,null),
('ada:main','17','1','0','main','pay-0-17','deposit','cash:eur','10001','EUR','10001','2026-02-11 08:00:00+00','2026-11-29 14:27:01.969+00',null,null),
('ada:main','18','1','0','main','pay-0-18','deposit','cash:eur','10002','EUR','20003','2026-01-12 08:00:00+00','2026-11-29 14:27:02.033+00',null,null),
('ada:main','20','1','0','main','pay-0-20','deposit','cash:eur','10004','EUR','30007','2026-01-14 08:00:00+00','2026-11-29 14:27:02.122+00',null,null),
('ada:main','21','1','0','main','pay-0-21','deposit','cash:eur','10005','EUR','40012','2026-02-15 08:00:00+00','2026-11-29 14:27:02.184+00',null,null),
('ada:main','23','1','0','main','pay-0-23','deposit','cash:eur','10007','EUR','50019','2026-02-17 08:00:00+00','2026-11-29 14:27:02.253+00',null,null),
('ada:main','24','1','0','main','pay-0-24','deposit','cash:eur','10008','EUR','60027','2026-01-18 08:00:00+00','2026-11-29 14:27:02.298+00',null,null),
('ada:main','26','1','0','main','pay-0-26','deposit','cash:eur','10010','EUR','70037','2026-01-20 08:00:00+00','2026-11-29 14:27:02.407+00',null,null),
('ada:main','27','1','0','main','pay-0-27','deposit','cash:eur','10011','EUR','80048','2026-02-21 08:00:00+00','2026-11-29 14:27:02.465+00',null,null),
('ada:main','28','0','0','main','pay-0-28','payment','ben:main','-1250','EUR','78798','2026-11-29 14:27:02.563+00','2026-11-29 14:27:02.563+00','LUNCH','Soupe à l’oignon'),
('ada:main','29','0','0','main','pay-0-29','payment','ben:main','-4999','EUR','73799','2026-02-27 22:30:00+00','2026-11-29 14:27:02.63+00','INV-1','Paper, ink "and" more'),
('ada:main','30','0','0','main','pay-0-30','transfer','rent{linden}','-90000','EUR','-16201','2026-11-29 14:27:02.682+00','2026-11-29 14:27:02.682+00',null,null),
('ada:main','30','4','0','main','pay-0-30','transfer','fees:eur','-25','EUR','-16226','2026-11-29 14:27:02.682+00','2026-11-29 14:27:02.682+00',null,null),
('ada:main','46','1','0','main','pay-0-46','deposit','bank:house','25000','EUR','8774','2026-03-02 12:00:00+00','2026-11-29 14:27:22.633+00','E2E-100',null),
('ada:main','47','0','0','main','pay-0-47','withdrawal','bank:house','-4000','EUR','4774','2026-03-02 12:00:00+00','2026-11-29 14:27:22.678+00','E2E-200',null),
('ada:main','51','0','0','main','pay-0-51','payment','ada:savings','-100','EUR','4674','2026-11-29 14:27:24.501+00','2026-11-29 14:27:24.501+00',null,null),
('ada:savings','51','1','0','main','pay-0-51','payment','ada:main','100','EUR','100','2026-11-29 14:27:24.501+00','2026-11-29 14:27:24.501+00',null,null),
('ada:usd','52','1','0','main','pay-0-52','deposit','cash:usd','123456789','USD','123456789','2026-11-29 14:27:24.573+00','2026-11-29 14:27:24.573+00',null,null),
('ada:usd','53','0','0','main','pay-0-53','withdrawal','cash:usd','-9','USD','123456780','2026-11-29 14:27:24.618+00','2026-11-29 14:27:24.618+00',null,null),
('bank:house','46','0','0','main','pay-0-46','deposit','ada:main','-25000','EUR','-25000','2026-03-02 12:00:00+00','2026-11-29 14:27:22.633+00','E2E-100',null),
('bank:house','47','1','0','main','pay-0-47','withdrawal','ada:main','4000','EUR','-21000','2026-03-02 12:00:00+00','2026-11-29 14:27:22.678+00','E2E-200',null),
('bank:house','48','0','0','main','pay-0-48','deposit','ben:main','-999','EUR','-21999','2026-03-02 12:00:00+00','2026-11-29 14:27:22.706+00','E2E-300',null),
('ben:main','16','1','0','main','pay-0-16','deposit','cash:eur','10000','EUR','10000','2026-01-10 08:00:00+00','2026-11-29 14:27:01.887+00',null,null),
('ben:main','19','1','0','main','pay-0-19','deposit','cash:eur','10003','EUR','20003','2026-02-13 08:00:00+00','2026-11-29 14:27:02.076+00',null,null),
('ben:main','22','1','0','main','pay-0-22','deposit','cash:eur','10006','EUR','30009','2026-01-16 08:00:00+00','2026-11-29 14:27:02.212+00',null,null),
('ben:main','25','1','0','main','pay-0-25','deposit','cash:eur','10009','EUR','40018','2026-02-19 08:00:00+00','2026-11-29 14:27:02.36+00',null,null),
('ben:main','28','1','0','main','pay-0-28','payment','ada:main','1250','EUR','41268','2026-11-29 14:27:02.563+00','2026-11-29 14:27:02.563+00','LUNCH','Soupe à l’oignon'),
('ben:main','29','1','0','main','pay-0-29','payment','ada:main','4999','EUR','46267','2026-02-27 22:30:00+00','2026-11-29 14:27:02.63+00','INV-1','Paper, ink "and" more'),
('ben:main','30','2','0','main','pay-0-30','transfer','rent{linden}','-2000','EUR','44267','2026-11-29 14:27:02.682+00','2026-11-29 14:27:02.682+00',null,null),
('ben:main','48','1','0','main','pay-0-48','deposit','bank:house','999','EUR','45266','2026-03-02 12:00:00+00','2026-11-29 14:27:22.706+00','E2E-300',null),
('cash:eur','16','0','0','main','pay-0-16','deposit','ben:main','-10000','EUR','-10000','2026-01-10 08:00:00+00','2026-11-29 14:27:01.887+00',null,null),
('cash:eur','17','0','0','main','pay-0-17','deposit','ada:main','-10001','EUR','-20001','2026-02-11 08:00:00+00','2026-11-29 14:27:01.969+00',null,null),
('cash:eur','18','0','0','main','pay-0-18','deposit','ada:main','-10002','EUR','-30003','2026-01-12 08:00:00+00','2026-11-29 14:27:02.033+00',null,null),
('cash:eur','19','0','0','main','pay-0-19','deposit','ben:main','-10003','EUR','-40006','2026-02-13 08:00:00+00','2026-11-29 14:27:02.076+00',null,null),
('cash:eur','20','0','0','main','pay-0-20','deposit','ada:main','-10004','EUR','-50010','2026-01-14 08:00:00+00','2026-11-29 14:27:02.122+00',null,null),
('cash:eur','21','0','0','main','pay-0-21','deposit','ada:main','-10005','EUR','-60015','2026-02-15 08:00:00+00','2026-11-29 14:27:02.184+00',null,null),
('cash:eur','22','0','0','main','pay-0-22','deposit','ben:main','-10006','EUR','-70021','2026-01-16 08:00:00+00','2026-11-29 14:27:02.212+00',null,null),
('cash:eur','23','0','0','main','pay-0-23','deposit','ada:main','-10007','EUR','-80028','2026-02-17 08:00:00+00','2026-11-29 14:27:02.253+00',null,null),
('cash:eur','24','0','0','main','pay-0-24','deposit','ada:main','-10008','EUR','-90036','2026-01-18 08:00:00+00','2026-11-29 14:27:02.298+00',null,null),
('cash:eur','25','0','0','main','pay-0-25','deposit','ben:main','-10009','EUR','-100045','2026-02-19 08:00:00+00','2026-11-29 14:27:02.36+00',null,null),
('cash:eur','26','0','0','main','pay-0-26','deposit','ada:main','-10010','EUR','-110055','2026-01-20 08:00:00+00','2026-11-29 14:27:02.407+00',null,null),
('cash:eur','27','0','0','main','pay-0-27','deposit','ada:main','-10011','EUR','-120066','2026-02-21 08:00:00+00','2026-11-29 14:27:02.465+00',null,null),
('cash:jpy','54','0','0','main','pay-0-54','deposit','ada:jpy','-1000000','JPY','-1000000','2026-11-29 14:27:24.658+00','2026-11-29 14:27:24.658+00',null,null),
('cash:usd','52','0','0','main','pay-0-52','deposit','ada:usd','-123456789','USD','-123456789','2026-11-29 14:27:24.573+00','2026-11-29 14:27:24.573+00',null,null),
('cash:usd','53','1','0','main','pay-0-53','withdrawal','ada:usd','9','USD','-123456780','2026-11-29 14:27:24.618+00','2026-11-29 14:27:24.618+00',null,null),
('cash:usd','55','0','0','main','pay-0-55','deposit','fees:usd','-1000000000000000','USD','-1000000123456780','2026-11-29 14:27:24.709+00','2026-11-29 14:27:24.709+00',null,null),
('fees:eur','30','5','0','main','pay-0-30','transfer','ada:main','25','EUR','25','2026-11-29 14:27:02.682+00','2026-11-29 14:27:02.682+00',null,null),
('fees:usd','55','1','0','main','pay-0-55','deposit','cash:usd','1000000000000000','USD','1000000000000000','2026-11-29 14:27:24.709+00','2026-11-29 14:27:24.709+00',null,null),
('rent{linden}','30','1','0','main','pay-0-30','transfer','ada:main','90000','EUR','90000','2026-11-29 14:27:02.682+00','2026-11-29 14:27:02.682+00',null,null),
('rent{linden}','30','3','0','main','pay-0-30','transfer','ben:main','2000','EUR','92000','2026-11-29 14:27:02.682+00','2026-11-29 14:27:02.682+00',null,null);
insert into "accounts_v4_1"."payee" ("tenant", "owner", "alias_key", "alias", "account_id", "saved_at") overriding system value values
('main','customer:ada','ben','Ben','ben:main','2026-11-29 14:27:03.235+00'),
('main','customer:ben','ada','Ada','ada:main','2026-11-29 14:27:03.345+00');
insert into "accounts_v4_1"."payment" ("payment_id", "partition", "seq", "tenant", "status", "rejection_code", "rejection_detail", "kind", "postings", "effective_at", "decided_at", "reference", "description", "metadata", "actor", "client") overriding system value values
('pay-0-16','0','16','main','posted',null,null,'deposit','[{"to": "ben:main", "from": "cash:eur", "amount": "10000", "currency": "EUR"}]','2026-01-10 08:00:00+00','2026-11-29 14:27:01.887+00',null,null,'{}','operator:olga','olga'),
('pay-0-17','0','17','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10001", "currency": "EUR"}]','2026-02-11 08:00:00+00','2026-11-29 14:27:01.969+00',null,null,'{}','operator:olga','olga'),
('pay-0-18','0','18','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10002", "currency": "EUR"}]','2026-01-12 08:00:00+00','2026-11-29 14:27:02.033+00',null,null,'{}','operator:olga','olga'),
('pay-0-19','0','19','main','posted',null,null,'deposit','[{"to": "ben:main", "from": "cash:eur", "amount": "10003", "currency": "EUR"}]','2026-02-13 08:00:00+00','2026-11-29 14:27:02.076+00',null,null,'{}','operator:olga','olga'),
('pay-0-20','0','20','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10004", "currency": "EUR"}]','2026-01-14 08:00:00+00','2026-11-29 14:27:02.122+00',null,null,'{}','operator:olga','olga'),
('pay-0-21','0','21','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10005", "currency": "EUR"}]','2026-02-15 08:00:00+00','2026-11-29 14:27:02.184+00',null,null,'{}','operator:olga','olga'),
('pay-0-22','0','22','main','posted',null,null,'deposit','[{"to": "ben:main", "from": "cash:eur", "amount": "10006", "currency": "EUR"}]','2026-01-16 08:00:00+00','2026-11-29 14:27:02.212+00',null,null,'{}','operator:olga','olga'),
('pay-0-23','0','23','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10007", "currency": "EUR"}]','2026-02-17 08:00:00+00','2026-11-29 14:27:02.253+00',null,null,'{}','operator:olga','olga'),
('pay-0-24','0','24','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10008", "currency": "EUR"}]','2026-01-18 08:00:00+00','2026-11-29 14:27:02.298+00',null,null,'{}','operator:olga','olga'),
('pay-0-25','0','25','main','posted',null,null,'deposit','[{"to": "ben:main", "from": "cash:eur", "amount": "10009", "currency": "EUR"}]','2026-02-19 08:00:00+00','2026-11-29 14:27:02.36+00',null,null,'{}','operator:olga','olga'),
('pay-0-26','0','26','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10010", "currency": "EUR"}]','2026-01-20 08:00:00+00','2026-11-29 14:27:02.407+00',null,null,'{}','operator:olga','olga'),
('pay-0-27','0','27','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "cash:eur", "amount": "10011", "currency": "EUR"}]','2026-02-21 08:00:00+00','2026-11-29 14:27:02.465+00',null,null,'{}','operator:olga','olga'),
('pay-0-28','0','28','main','posted',null,null,'payment','[{"to": "ben:main", "from": "ada:main", "amount": "1250", "currency": "EUR"}]','2026-11-29 14:27:02.563+00','2026-11-29 14:27:02.563+00','LUNCH','Soupe à l’oignon','{}','customer:ada','ada'),
('pay-0-29','0','29','main','posted',null,null,'payment','[{"to": "ben:main", "from": "ada:main", "amount": "4999", "currency": "EUR"}]','2026-02-27 22:30:00+00','2026-11-29 14:27:02.63+00','INV-1','Paper, ink "and" more','{"note": "ünïcödé ✓", "order": "A-1", "channel": "web"}','customer:ada','ada'),
('pay-0-30','0','30','main','posted',null,null,'transfer','[{"to": "rent{linden}", "from": "ada:main", "amount": "90000", "currency": "EUR"}, {"to": "rent{linden}", "from": "ben:main", "amount": "2000", "currency": "EUR"}, {"to": "fees:eur", "from": "ada:main", "amount": "25", "currency": "EUR"}]','2026-11-29 14:27:02.682+00','2026-11-29 14:27:02.682+00',null,null,'{}','operator:olga','olga'),
('pay-0-31','0','31','main','rejected','insufficient_funds','ada:main has 337.74 EUR available: pay less, or add money first',null,'[{"to": "fees:eur", "from": "ada:main", "amount": "60000", "currency": "EUR"}]','2026-11-29 14:27:02.75+00','2026-11-29 14:27:02.75+00',null,null,'{}','customer:ada','ada'),
('pay-0-32','0','32','main','rejected','insufficient_funds','ben:main has 442.67 EUR available: pay less, or add money first',null,'[{"to": "ada:main", "from": "ben:main", "amount": "99999999", "currency": "EUR"}]','2026-11-29 14:27:02.833+00','2026-11-29 14:27:02.833+00','REFUSED',null,'{}','customer:ben','ben'),
('pay-0-33','0','33','main','rejected','account_not_found','there is no account nobody:main',null,'[{"to": "nobody:main", "from": "cash:eur", "amount": "100", "currency": "EUR"}]','2026-11-29 14:27:02.89+00','2026-11-29 14:27:02.89+00',null,null,'{}','operator:olga','olga'),
('pay-0-34','0','34','main','rejected','currency_mismatch','ada:main holds EUR, not USD: name its own currency',null,'[{"to": "ada:main", "from": "cash:usd", "amount": "100", "currency": "USD"}]','2026-11-29 14:27:02.973+00','2026-11-29 14:27:02.973+00',null,null,'{}','operator:olga','olga'),
('pay-0-35','0','35','main','rejected','account_not_found','there is no account ada:main that you may pay from',null,'[{"to": "ben:main", "from": "ada:main", "amount": "100", "currency": "EUR"}]','2026-11-29 14:27:03.062+00','2026-11-29 14:27:03.062+00',null,null,'{}','customer:ben','ben'),
('pay-0-37','0','37','main','rejected','account_frozen','old:main is frozen',null,'[{"to": "old:main", "from": "cash:eur", "amount": "100", "currency": "EUR"}]','2026-11-29 14:27:03.209+00','2026-11-29 14:27:03.209+00',null,null,'{}','operator:olga','olga'),
('pay-0-46','0','46','main','posted',null,null,'deposit','[{"to": "ada:main", "from": "bank:house", "amount": "25000", "currency": "EUR"}]','2026-03-02 12:00:00+00','2026-11-29 14:27:22.633+00','E2E-100',null,'{}','operator:olga','olga'),
('pay-0-47','0','47','main','posted',null,null,'withdrawal','[{"to": "bank:house", "from": "ada:main", "amount": "4000", "currency": "EUR"}]','2026-03-02 12:00:00+00','2026-11-29 14:27:22.678+00','E2E-200',null,'{}','operator:olga','olga'),
('pay-0-48','0','48','main','posted',null,null,'deposit','[{"to": "ben:main", "from": "bank:house", "amount": "999", "currency": "EUR"}]','2026-03-02 12:00:00+00','2026-11-29 14:27:22.706+00','E2E-300',null,'{}','operator:olga','olga'),
('pay-0-51','0','51','main','posted',null,null,'payment','[{"to": "ada:savings", "from": "ada:main", "amount": "100", "currency": "EUR"}]','2026-11-29 14:27:24.501+00','2026-11-29 14:27:24.501+00',null,null,'{}','customer:ada','ada'),
('pay-0-52','0','52','main','posted',null,null,'deposit','[{"to": "ada:usd", "from": "cash:usd", "amount": "123456789", "currency": "USD"}]','2026-11-29 14:27:24.573+00','2026-11-29 14:27:24.573+00',null,null,'{}','operator:olga','olga'),
('pay-0-53','0','53','main','posted',null,null,'withdrawal','[{"to": "cash:usd", "from": "ada:usd", "amount": "9", "currency": "USD"}]','2026-11-29 14:27:24.618+00','2026-11-29 14:27:24.618+00',null,null,'{}','operator:olga','olga'),
('pay-0-54','0','54','main','posted',null,null,'deposit','[{"to": "ada:jpy", "from": "cash:jpy", "amount": "1000000", "currency": "JPY"}]','2026-11-29 14:27:24.658+00','2026-11-29 14:27:24.658+00',null,null,'{}','operator:olga','olga'),
('pay-0-55','0','55','main','posted',null,null,'deposit','[{"to": "fees:usd", "from": "cash:usd", "amount": "1000000000000000", "currency": "USD"}]','2026-11-29 14:27:24.709+00','2026-11-29 14:27:24.709+00',null,null,'{}','operator:olga','olga');
insert into "accounts_v4_1"."refused_payment" ("account_id", "decided_at", "effective_at", "partition", "seq") overriding system value values
('ada:main','2026-11-29 14:27:02.75+00','2026-11-29 14:27:02.75+00','0','31'),
('ben:main','2026-11-29 14:27:02.833+00','2026-11-29 14:27:02.833+00','0','32'),
('cash:eur','2026-11-29 14:27:02.89+00','2026-11-29 14:27:02.89+00','0','33'),
('cash:eur','2026-11-29 14:27:03.209+00','2026-11-29 14:27:03.209+00','0','37'),
('cash:usd','2026-11-29 14:27:02.973+00','2026-11-29 14:27:02.973+00','0','34');
insert into "projection"."checkpoint" ("schema_name", "partition", "log_offset", "epoch", "claim_id", "seq", "hash", "genesis", "voids", "caught_up_at", "rate_per_second", "stopped") overriding system value values
('accounts_v4_1','0','60','2','MD_qA4kvNLBX2H1r1-KGOQ','55','fwRw2_iVs3m_jgW0hjDS-e55gWoh5E_jokDly3NTVgQ','{"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}','1','2026-11-29 14:27:31.761136+00','1.3',null);
insert into "projection"."version" ("schema_name", "service", "name", "version", "state", "made_at", "switched_at") overriding system value values
('accounts_v4_1','accounts','accounts','4','live','2026-11-29 14:26:57.979276+00',null);
select setval('projection.generation', 1, 't');
alter table accounts_v4_1.account add constraint account_pkey PRIMARY KEY (account_id);
alter table accounts_v4_1.payee add constraint payee_pkey PRIMARY KEY (tenant, owner, alias_key);
alter table accounts_v4_1.payment add constraint payment_pkey PRIMARY KEY (partition, seq);
alter table projection.checkpoint add constraint checkpoint_pkey PRIMARY KEY (schema_name, partition);
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
