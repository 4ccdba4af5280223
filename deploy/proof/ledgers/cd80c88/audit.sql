set check_function_bodies to off;
create schema audit;
create schema audit_v6_1;
create schema projection;
CREATE OR REPLACE FUNCTION audit.decoded(escaped text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  declare
    run text;
    plain text;
    whole text := '';
  begin
    if strpos(escaped, '%') = 0 then return escaped; end if;
    for run in select match[1] from regexp_matches(escaped, '((?:%[0-9a-fA-F]{2})+|[^%]+|%)', 'g') as match loop
      if run !~ '^%.' then plain := run;
      elsif run ~ '^(%([2-6][0-9a-fA-F]|7[0-9a-eA-E]))+$' then
        plain := convert_from(decode(replace(run, '%', ''), 'hex'), 'UTF8');
      else
        begin
          plain := convert_from(decode(replace(run, '%', ''), 'hex'), 'UTF8');
          if plain ~ '[\u0001-\u001f\u007f-\u009f]' then plain := run; end if;
        exception when others then plain := run;
        end;
      end if;
      whole := whole || plain;
    end loop;
    return whole;
  end $function$
;
CREATE OR REPLACE FUNCTION audit.named(request text, what text)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  declare
    target text := substr(request, strpos(request, ' ') + 1);
    ends int := coalesce(nullif(strpos(translate(target, '#', '?'), '?'), 0), length(target) + 1);
    path text;
    query text;
    part text[];
  begin
    if what in ('actor', 'asked') then
      query := replace(split_part(substr(target, ends + 1), '#', 1), '+', ' ');
      if what = 'actor' then
        if query = '' then return null; end if;
        return (select nullif(btrim(audit.decoded(substr(pair, strpos(pair, '=') + 1))), '')
          from regexp_split_to_table(query, '&') as pair
          where audit.decoded(split_part(pair, '=', 1)) = 'subject' limit 1);
      end if;
    end if;
    path := audit.decoded(left(target, ends - 1));
    case what
      when 'asked' then
        return split_part(request, ' ', 1) || ' ' || path || coalesce('?' || nullif(audit.decoded(query), ''), '');
      when 'route' then
        return case when path ~ '^/v1/audit/accounts/([^/]+)/replay$' then '/v1/audit/accounts/:accountId/replay' when path ~ '^/v1/audit/payments/([^/]+)$' then '/v1/audit/payments/:paymentId' when path ~ '^/v1/audit/payments/([^/]+)/steps$' then '/v1/audit/payments/:paymentId/steps' when path ~ '^/v1/audit/records/([^/]+)/([^/]+)$' then '/v1/audit/records/:partition/:seq' when path ~ '^/v1/audit/partitions/([^/]+)/verify$' then '/v1/audit/partitions/:partition/verify' when path ~ '^/v1/audit/verify$' then '/v1/audit/verify' when path ~ '^/v1/audit/accesses$' then '/v1/audit/accesses' end;
      when 'account' then return substring(path from '^/v1/audit/accounts/([^/]+)/replay$');
      when 'position' then
        part := coalesce(
          regexp_match(path, '^/v1/audit/records/([^/]+)/([^/]+)$'),
          regexp_match(path, '^/v1/audit/payments/pay-([0-9]+)-([0-9]+)(?:/steps)?$'));
        if part is null then return null; end if;
        begin
          -- A service takes any way to write a number.
          return trim_scale(part[1]::numeric)::text || ':' || trim_scale(part[2]::numeric)::text;
        exception when others then return null;
        end;
    end case;
  end $function$
;
CREATE OR REPLACE FUNCTION audit.refuse()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      begin raise exception 'the access log is append-only'; end $function$
;
CREATE OR REPLACE FUNCTION projection.state_of(text)
 RETURNS text
 LANGUAGE sql
AS $function$select state from projection.version where schema_name = $1$function$
;
create sequence projection.generation as bigint;
create sequence projection.lease_term as bigint;
create table audit.access (
  id bigint generated always as identity not null,
  at timestamp with time zone default clock_timestamp() not null,
  tenant text not null,
  subject text not null,
  client text not null,
  request text not null,
  method text generated always as (split_part(request, ' '::text, 1)) stored,
  route text generated always as (audit.named(request, 'route'::text)) stored,
  account text generated always as (
CASE
    WHEN ((strpos(request, '%'::text) > 0) OR (strpos(request, '/accounts/'::text) > 0)) THEN audit.named(request, 'account'::text)
    ELSE NULL::text
END) stored,
  "position" text generated always as (
CASE
    WHEN ((strpos(request, '%'::text) > 0) OR (strpos(request, '/records/'::text) > 0) OR (strpos(request, '/payments/'::text) > 0)) THEN audit.named(request, 'position'::text)
    ELSE NULL::text
END) stored,
  actor text generated always as (
CASE
    WHEN (strpos(request, '?'::text) > 0) THEN audit.named(request, 'actor'::text)
    ELSE NULL::text
END) stored,
  asked text generated always as (
CASE
    WHEN (request ~ '[%+#]'::text) THEN audit.named(request, 'asked'::text)
    ELSE request
END) stored
);
create table audit.verification (
  id bigint generated always as identity not null,
  partition integer,
  ended_at timestamp with time zone default clock_timestamp() not null,
  asked_by text not null,
  sound boolean not null,
  "position" text not null,
  hash text not null,
  records bigint not null,
  duration_ms bigint not null,
  fault_count integer not null,
  finding text,
  fold jsonb,
  tenant text
);
create table audit_v6_1.account_record (
  tenant text collate "C" not null,
  account_id text collate "C" not null,
  partition integer not null,
  seq bigint not null
);
create table audit_v6_1.payment_record (
  tenant text collate "C" not null,
  payment_id text collate "C" not null,
  partition integer not null,
  seq bigint not null
);
create table audit_v6_1.record (
  partition integer not null,
  log_offset bigint not null,
  kind text collate "C" not null,
  reason text,
  epoch bigint,
  seq bigint,
  tenant text collate "C",
  hash bytea not null
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
insert into "audit"."access" ("id", "at", "tenant", "subject", "client", "request") overriding system value values
('1','2026-11-30 10:07:49.123344+00','main','auditor:vera','vera','GET /v1/audit/accounts/ada:main/replay?limit=500'),
('2','2026-11-30 10:07:49.61862+00','main','auditor:vera','vera','GET /v1/audit/payments/pay-0-30'),
('3','2026-11-30 10:07:50.309476+00','main','auditor:vera','vera','GET /v1/audit/partitions/0/verify'),
('4','2026-11-30 10:07:50.724531+00','main','auditor:vera','vera','GET /v1/audit/accesses?limit=500');
insert into "audit"."verification" ("id", "partition", "ended_at", "asked_by", "sound", "position", "hash", "records", "duration_ms", "fault_count", "finding", "fold", "tenant") overriding system value values
('1','0','2026-11-30 10:07:50.586915+00','auditor:vera','true','0:1000023','8majfLcLCJXWdBeul86r3MEmrP4-xJAX8TLZW5cvS0k','73','236','0',null,'{"seq": 1000023, "hash": "8majfLcLCJXWdBeul86r3MEmrP4-xJAX8TLZW5cvS0k", "epoch": 4, "voids": 2, "agedMs": 78247, "offset": "73", "claimId": "kFWSmsAzPKYbbgSNVBra0g", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "71", "decidedAt": "2026-11-30T10:07:40.773Z", "partition": 0, "generation": 10, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "doNN3qlLWfWYi_DTPyO6kOLD9xreBDRHpOfXL74tPM0", "acceptedDecidedAt": "2026-11-30T10:06:24.056Z"}','main');
insert into "audit_v6_1"."account_record" ("tenant", "account_id", "partition", "seq") overriding system value values
('main','ada:jpy','0','10'),
('main','ada:jpy','0','1000012'),
('main','ada:main','0','1000004'),
('main','ada:main','0','1000005'),
('main','ada:main','0','1000009'),
('main','ada:main','0','1000013'),
('main','ada:main','0','1000014'),
('main','ada:main','0','1000019'),
('main','ada:main','0','17'),
('main','ada:main','0','18'),
('main','ada:main','0','20'),
('main','ada:main','0','21'),
('main','ada:main','0','23'),
('main','ada:main','0','24'),
('main','ada:main','0','26'),
('main','ada:main','0','27'),
('main','ada:main','0','28'),
('main','ada:main','0','29'),
('main','ada:main','0','30'),
('main','ada:main','0','31'),
('main','ada:main','0','35'),
('main','ada:main','0','40'),
('main','ada:main','0','7'),
('main','ada:savings','0','1000009'),
('main','ada:savings','0','1000016'),
('main','ada:savings','0','1000018'),
('main','ada:savings','0','1000019'),
('main','ada:savings','0','8'),
('main','ada:usd','0','1000010'),
('main','ada:usd','0','1000011'),
('main','ada:usd','0','15'),
('main','ada:usd','0','9'),
('main','bank:house','0','1000004'),
('main','bank:house','0','1000005'),
('main','bank:house','0','1000006'),
('main','bank:house','0','1000007'),
('main','bank:house','0','4'),
('main','ben:main','0','1000003'),
('main','ben:main','0','1000006'),
('main','ben:main','0','1000014'),
('main','ben:main','0','11'),
('main','ben:main','0','16'),
('main','ben:main','0','19'),
('main','ben:main','0','22'),
('main','ben:main','0','25'),
('main','ben:main','0','28'),
('main','ben:main','0','30'),
('main','ben:main','0','32'),
('main','ben:main','0','38'),
('main','ben:usd','0','1000008'),
('main','ben:usd','0','12'),
('main','cash:eur','0','1'),
('main','cash:eur','0','1000013'),
('main','cash:eur','0','16'),
('main','cash:eur','0','17'),
('main','cash:eur','0','18'),
('main','cash:eur','0','19'),
('main','cash:eur','0','20'),
('main','cash:eur','0','21'),
('main','cash:eur','0','22'),
('main','cash:eur','0','23'),
('main','cash:eur','0','24'),
('main','cash:eur','0','25'),
('main','cash:eur','0','26'),
('main','cash:eur','0','27'),
('main','cash:eur','0','33'),
('main','cash:eur','0','37'),
('main','cash:jpy','0','1000012'),
('main','cash:jpy','0','3'),
('main','cash:usd','0','1000010'),
('main','cash:usd','0','1000011'),
('main','cash:usd','0','1000021'),
('main','cash:usd','0','2'),
('main','cash:usd','0','34'),
('main','fees:eur','0','1000013'),
('main','fees:eur','0','1000017'),
('main','fees:eur','0','30'),
('main','fees:eur','0','5'),
('main','fees:usd','0','1000021'),
('main','fees:usd','0','6'),
('main','old:main','0','1000001'),
('main','old:main','0','1000002'),
('main','old:main','0','14'),
('main','old:main','0','36'),
('main','rent{linden}','0','1000013'),
('main','rent{linden}','0','13'),
('main','rent{linden}','0','30'),
('main','rent{linden}','0','39'),
('main','rent{linden}','0','42');
insert into "audit_v6_1"."record" ("partition", "log_offset", "kind", "reason", "epoch", "seq", "tenant", "hash") overriding system value values
('0','0','genesis',null,null,null,null, E'\\xe074fd81df679828180fcd582abdb91edd019db7c57cca972fca0e9b0197ad11'),
('0','1','claim',null,'1',null,null, E'\\xce90c23b38d37210a56ea93219b21cf337783dec094dd0db1c24426d05815781'),
('0','10','commit',null,'1','9','main', E'\\xee2566b1b854117f9512fc15455f472e56eb9e79c40778f809165a7e102f9d75'),
('0','11','commit',null,'1','10','main', E'\\x61c6855c8a80e61f482c4f81d9883043b1358fc353ba7ea84f4195542d54b742'),
('0','12','commit',null,'1','11','main', E'\\xb9aeb463d28a4dd7553b90d479f292f984067dc2669b1f6b475b59a2175cb949'),
('0','13','commit',null,'1','12','main', E'\\xc87b4b2e1608c3466b60afc965c29b789b846cc13cb2e473af2208f790cf6929'),
('0','14','commit',null,'1','13','main', E'\\x5cc3525158d0293c4ca421b1608f48fd6e0c4778e086ed690829543aab53b883'),
('0','15','commit',null,'1','14','main', E'\\xaa2a852d381d9601e4735c35cfa33c240072af7baa76b854d478526c146887d2'),
('0','16','commit',null,'1','15','main', E'\\x60be926993df6d8be4f2a8d5d135b8cdf9556fd5ce3245b6c7150bd1b46199d8'),
('0','17','commit',null,'1','16','main', E'\\x6726bc47b49b63f112f6f97239921b98681aceab7439cb72af3d44e6cd37ba76'),
('0','18','commit',null,'1','17','main', E'\\x920f2a4367500c4dd7bebde53a26f7e490a92665c1b7c90b72b4263f53977062'),
('0','19','commit',null,'1','18','main', E'\\xcce6e5d349d6592e1de2d3ca16c6cbb4cb255a2ffd1eea4b5d98b8dabbba55a6'),
('0','2','commit',null,'1','1','main', E'\\xf0b5a605e218439cc4d4becb82aebc7192186dbc812805bb666646b729d181fc'),
('0','20','commit',null,'1','19','main', E'\\x20d8674f2834cbec5d82a9df0d00e96d1a3f5189f89a749d7aa341c310bbbf82'),
('0','21','commit',null,'1','20','main', E'\\x056225d6af1fe4f5f926488b7ca6d2ad7e0eb003349158dd050193336862d23e'),
('0','22','commit',null,'1','21','main', E'\\x8ad6805dde8316becdf1e7d7e4feda53119b322aa38a5f63a5b6aa6ac078c535'),
('0','23','commit',null,'1','22','main', E'\\x4d7a044a34d47f41ca98e4f15bfc1f9af0b9b63900ea303affcf74eb71631f80'),
('0','24','commit',null,'1','23','main', E'\\x387e7c43bfbaae8fd0c26d19c54382ef9452df3b3d9e70dd429ad6ad46dbe097'),
('0','25','commit',null,'1','24','main', E'\\x12f9f3246c166ecf0b57a7dd8c070c84d8530bb39a19f47f1872cb894387e7cb'),
('0','26','commit',null,'1','25','main', E'\\xc975be91591bf0dfee48e4f19035b5042dc0f92d24ed89f53cdc4f1a909e3ea1'),
('0','27','commit',null,'1','26','main', E'\\x53794a075b8f72e39a03929111432e4094f2b76e1eab3687e41aaf7e672529a0'),
('0','28','commit',null,'1','27','main', E'\\xe85f53871e7f19f65bb1c9d23c654bb8b06c7b6412cbbbdd00b7401d0245b80f'),
('0','29','commit',null,'1','28','main', E'\\x8bc98514d98db50b74233f5a75f640c13fda2fff81b8252ab8ab0025c1ed0bef'),
('0','3','commit',null,'1','2','main', E'\\x208cd99d712616cee63267cf3b418644885083a596a7d167f66255f57fcc979a'),
('0','30','commit',null,'1','29','main', E'\\x3080c9977d333a109b6f8a209c19d3e203c140ded88975e666910a9f3daf8662'),
('0','31','commit',null,'1','30','main', E'\\x9bd7a5bde146b79b02e31b6ccde9abfdd0dda4073d4f30b1f7ce100a2c391048'),
('0','32','commit',null,'1','31','main', E'\\x66bb017b4b98ae34397875205de2eb4011acc21490dd1a2087126f4848b71653'),
('0','33','commit',null,'1','32','main', E'\\x17bd37b52fd4b4f5b2a51942475fdf5d46e8f7195637a75bb77c14e30d1dc71e'),
('0','34','commit',null,'1','33','main', E'\\x7515aeb824747aaa69cb45c383c421f6b1e3765aee09dd96fe7184a69975d965'),
('0','35','commit',null,'1','34','main', E'\\xbd6cdcf5b81cc59deb005b0dedde1db11506e59854d8b203cc579e2d72d707fe'),
('0','36','commit',null,'1','35','main', E'\\xb3c846e96994df9f0d43123d37ce93f6d4cc9af08b3c7cd09ab6a46418263db4'),
('0','37','commit',null,'1','36','main', E'\\x29bd4441b489ea81540a7a17a9d3d6c62fff808b9283b19a6f6fe0d45e35450d'),
('0','38','commit',null,'1','37','main', E'\\xfe21d67ca4a493f4a09ea6617c59ec9e25554bce69f6993d050b32951350b2a0'),
('0','39','commit',null,'1','38','main', E'\\xb1356880024b6794e9093ced96bd00931363a60a7481a53f62f07c8083089e8b'),
('0','4','commit',null,'1','3','main', E'\\xf3f88203bd5105fc41122f8b5277828efa1f3b53338afca66155a2bc492b9512'),
('0','40','commit',null,'1','39','main', E'\\xe33b40056b85b50d861340605be1d5a2a5444c3f7007ee1a5fcc208089164287'),
('0','41','commit',null,'1','40','main', E'\\x4bc13bd337e39104873bf383481f5707dd911643e72cb8f12e524f0e48b0a966'),
('0','42','commit',null,'1','41','main', E'\\x6f0765fe1e69d70703928492a6a64a6c73d12be595f9a71d63d621f357471a5a'),
('0','43','commit',null,'1','42','main', E'\\x8d53b404effbe86671cfd3890486cbccd440054b5095ab4323c328042a171d3e'),
('0','44','void','unreadable_record',null,null,null, E'\\x061b84c984b5d228527fce7e24a01b09b7d4f9fddf59824a6d037f56a0f93526'),
('0','45','claim',null,'2',null,null, E'\\xff1114a0f5c5ff8f0bd8b3813897b410e328778652a1a31acd3a561cde2d0e79'),
('0','46','claim',null,'3','1000000',null, E'\\x99a70f9ea431a891878fd9d14fc587ebeafe76dc39d4eb8a72ab1df17b80cf66'),
('0','47','claim',null,'4',null,null, E'\\x9e20b9396d8f129d881dd6a2b136c4e7baf68237bf9e6ded6aefb7d75a4fd99e'),
('0','48','void','stale_epoch','1','42',null, E'\\x6f6bd5de4ce086516a9d5a2dd6ddfd8b48f7eb990583c185615b34db2f2a05c4'),
('0','49','commit',null,'4','1000001','main', E'\\xc2c422a363ef3155e1c36354e3016a8380e9608c529f7543829e73c446a73050'),
('0','5','commit',null,'1','4','main', E'\\x4fda21e1599636ad947711d6bdd4202e18f7e9ee9577451be46ff1e39c5b7265'),
('0','50','commit',null,'4','1000002','main', E'\\x4222a59efe2c222c5cfa1765dcabaeaf51c0aadc2593ed611f9ee3be94d7f201'),
('0','51','commit',null,'4','1000003','main', E'\\x00f41c9a6adbfcf0b8fd387809142c3369479122bb428b075aa3b0648adc2684'),
('0','52','commit',null,'4','1000004','main', E'\\x3251c052dadc1f3f1ddca7ae1ccf213c53e59556803ea66ac15fca893e4be672'),
('0','53','commit',null,'4','1000005','main', E'\\x393780ac3348d6d0e48db6ceb3e80eb942c4677a62c11aed659faee412f17df8'),
('0','54','commit',null,'4','1000006','main', E'\\x09919a7e9802700353b9204bf2ab8aae458dff66b97f8f0ae562c7c0ab9202ad'),
('0','55','commit',null,'4','1000007','main', E'\\xaae6b75c4beb15da7dc504c83919b6225c286b65dc9414470d0b91ccdb20bdf3'),
('0','56','commit',null,'4','1000008','main', E'\\xd953df4aa8fd5c5cd87bf248d922b897c1e62007cef14736c7397d9a33fb63c9'),
('0','57','commit',null,'4','1000009','main', E'\\x262ee53ff0c22d2b0d46e9fb3fa1d9ebb48e9dfcf2bab491de05d990137015e1'),
('0','58','commit',null,'4','1000010','main', E'\\x7061309048ab1f03306b84cbeab3bff45a2feae0b98488b70724622939576210'),
('0','59','commit',null,'4','1000011','main', E'\\x56271fe7d55fb6b3675723d6e782212b8e0c90cef3b5f5b97e280a502eb3d0e0'),
('0','6','commit',null,'1','5','main', E'\\x42f8f5560bc8b1a72d693a376d7bdcc9d066f9a6fc94322021f9769f129c7fca'),
('0','60','commit',null,'4','1000012','main', E'\\x60c89a932230fbaa833f39402be858f6f3f217f3b33fd009b17a0264627233c1'),
('0','61','commit',null,'4','1000013','main', E'\\x22a4011d90e9be8f402092bc6f54d3f6ff6a589cdc3237d0a797a975c3d41439'),
('0','62','commit',null,'4','1000014','main', E'\\x9cc18bf5ac6db2cb416c6db4652607abb97c0e7cf9dd03942bbde24c33b7e85b'),
('0','63','commit',null,'4','1000015','main', E'\\x90af1133f990ad2906d0d9c0203131f2275379cfff644eea870db8b505cb5136'),
('0','64','commit',null,'4','1000016','main', E'\\x0c04342017a5a13d0b297f6998648d28cb82b0f9906c583829b3667171f8937d'),
('0','65','commit',null,'4','1000017','main', E'\\xc60d102e2ae40b11d78605f5392b9e23fc72dc06ecf3e34d4c53ecc86bfaa053'),
('0','66','commit',null,'4','1000018','main', E'\\x52bb775e8e382cd417af3cdd78c309102282c9ebb4e9714bb5480f343848acbe'),
('0','67','commit',null,'4','1000019','main', E'\\x9b400007346613a146c71aeefb5e7d30388e37dd1f086cd7b11855f49fc11bbb'),
('0','68','commit',null,'4','1000020','main', E'\\x889e4db05da73be0c4e90521bc90576f21c2b4b34489420aee89242efdec9ceb'),
('0','69','commit',null,'4','1000021','main', E'\\x6d2d011691497dcf0159391b26094b281eb77217fa5152e7e9566c66941d2fe3'),
('0','7','commit',null,'1','6','main', E'\\xab3fcd14fb81d02d4265fba7e0bc78b543c2b32fd1d98c5ee2921b718dbb6ad6'),
('0','70','commit',null,'4','1000022','main', E'\\x76834ddea94b59f5988bf0d33f23ba90e2c3f71ade043447a4e7d72fbe2d3ccd'),
('0','71','commit',null,'4','1000023','main', E'\\xf266a37cb70b0895d67417ae97ceabdcc126acfe3ec49017f132d95b972f4b49'),
('0','8','commit',null,'1','7','main', E'\\x0be87d254896547133a81cd5f7a57029014c1d8241b5eec8be771900af5e1ab8'),
('0','9','commit',null,'1','8','main', E'\\x1a32efa792c6b126a390141005e6d367554872f404eab770430f4b5d06358484');
insert into "projection"."checkpoint" ("schema_name", "partition", "log_offset", "epoch", "claim_id", "seq", "hash", "genesis", "voids", "caught_up_at", "rate_per_second", "stopped", "fold", "given_up_by") overriding system value values
('audit_v6_1','0','74','4','kFWSmsAzPKYbbgSNVBra0g','1000023','8majfLcLCJXWdBeul86r3MEmrP4-xJAX8TLZW5cvS0k','{"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}','2','2026-11-30 10:07:50.93856+00','0',null,'{"seq": 1000023, "hash": "8majfLcLCJXWdBeul86r3MEmrP4-xJAX8TLZW5cvS0k", "epoch": 4, "voids": 2, "agedMs": 78247, "offset": "74", "claimId": "kFWSmsAzPKYbbgSNVBra0g", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "71", "decidedAt": "2026-11-30T10:07:40.773Z", "partition": 0, "generation": 10, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "doNN3qlLWfWYi_DTPyO6kOLD9xreBDRHpOfXL74tPM0", "acceptedDecidedAt": "2026-11-30T10:06:24.056Z"}',null);
insert into "projection"."lease" ("name", "owner_id", "acquired_at", "expires_at", "session_until", "term", "tenant", "said") overriding system value values
('projection audit/audit 0','vm-15644','2026-11-30 10:07:31.651921+00','-infinity',null,'4',null,null),
('rebuild audit/audit','vm-15644','2026-11-30 10:07:31.394749+00','-infinity',null,'3',null,null);
insert into "projection"."version" ("schema_name", "service", "name", "version", "state", "made_at", "switched_at") overriding system value values
('audit_v6_1','audit','audit','6','live','2026-11-30 10:06:20.531831+00',null);
select setval('audit.access_id_seq', 4, 't');
select setval('audit.verification_id_seq', 1, 't');
select setval('projection.generation', 1, 't');
select setval('projection.lease_term', 4, 't');
alter table audit.access add constraint access_pkey PRIMARY KEY (id);
alter table audit.verification add constraint verification_pkey PRIMARY KEY (id);
alter table audit_v6_1.record add constraint record_pkey PRIMARY KEY (partition, log_offset);
alter table projection.checkpoint add constraint checkpoint_pkey PRIMARY KEY (schema_name, partition);
alter table projection.failure add constraint failure_pkey PRIMARY KEY (service, name);
alter table projection.failure add constraint failure_what_check CHECK ((what = ANY (ARRAY['rebuild'::text, 'rollback'::text])));
alter table projection.lease add constraint lease_pkey PRIMARY KEY (name);
alter table projection.lease_notice add constraint lease_notice_pkey PRIMARY KEY (name, owner_id);
alter table projection.version add constraint version_pkey PRIMARY KEY (schema_name);
alter table projection.version add constraint version_state_check CHECK ((state = ANY (ARRAY['live'::text, 'building'::text, 'retired'::text])));
alter table projection.checkpoint add constraint checkpoint_schema_name_fkey FOREIGN KEY (schema_name) REFERENCES projection.version(schema_name) ON DELETE CASCADE;
CREATE INDEX access_of_tenant ON audit.access USING btree (tenant, id);
CREATE INDEX verification_of_partition ON audit.verification USING btree (partition, id);
CREATE UNIQUE INDEX account_record_place ON audit_v6_1.account_record USING btree (account_id, tenant, partition, seq);
CREATE UNIQUE INDEX payment_record_place ON audit_v6_1.payment_record USING btree (payment_id, partition, seq);
CREATE UNIQUE INDEX record_claim ON audit_v6_1.record USING btree (partition, epoch) WHERE (kind = 'claim'::text);
CREATE UNIQUE INDEX record_commit ON audit_v6_1.record USING btree (partition, seq) WHERE (kind = 'commit'::text);
CREATE INDEX record_void ON audit_v6_1.record USING btree (partition, seq) WHERE (kind = 'void'::text);
CREATE UNIQUE INDEX version_one_building ON projection.version USING btree (service, name) WHERE (state = 'building'::text);
CREATE UNIQUE INDEX version_one_live ON projection.version USING btree (service, name) WHERE (state = 'live'::text);
CREATE TRIGGER access_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.access FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
