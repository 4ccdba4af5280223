set check_function_bodies to off;
create schema audit;
create schema audit_v5_1;
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
        return case when path ~ '^/v1/audit/accounts/([^/]+)/replay$' then '/v1/audit/accounts/:accountId/replay' when path ~ '^/v1/audit/payments/([^/]+)$' then '/v1/audit/payments/:paymentId' when path ~ '^/v1/audit/records/([^/]+)/([^/]+)$' then '/v1/audit/records/:partition/:seq' when path ~ '^/v1/audit/partitions/([^/]+)/verify$' then '/v1/audit/partitions/:partition/verify' when path ~ '^/v1/audit/accesses$' then '/v1/audit/accesses' end;
      when 'account' then return substring(path from '^/v1/audit/accounts/([^/]+)/replay$');
      when 'position' then
        part := coalesce(
          regexp_match(path, '^/v1/audit/records/([^/]+)/([^/]+)$'),
          regexp_match(path, '^/v1/audit/payments/pay-([0-9]+)-([0-9]+)$'));
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
  partition integer not null,
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
create table audit_v5_1.account_record (
  tenant text collate "C" not null,
  account_id text collate "C" not null,
  partition integer not null,
  seq bigint not null
);
create table audit_v5_1.record (
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
  tenant text
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
('1','2026-11-30 08:10:09.522629+00','main','auditor:vera','vera','GET /v1/audit/accounts/ada:main/replay?limit=500'),
('2','2026-11-30 08:10:09.62639+00','main','auditor:vera','vera','GET /v1/audit/payments/pay-0-30'),
('3','2026-11-30 08:10:11.061767+00','main','auditor:vera','vera','GET /v1/audit/partitions/0/verify'),
('4','2026-11-30 08:10:11.30392+00','main','auditor:vera','vera','GET /v1/audit/accesses?limit=500');
insert into "audit"."verification" ("id", "partition", "ended_at", "asked_by", "sound", "position", "hash", "records", "duration_ms", "fault_count", "finding", "fold", "tenant") overriding system value values
('1','0','2026-11-30 08:10:11.11609+00','auditor:vera','true','0:1000023','lcuJ87jdIUGgGsbKsmWaRAWt5SGzC0AF6MAOL8fC2RE','74','45','0',null,'{"seq": 1000023, "hash": "lcuJ87jdIUGgGsbKsmWaRAWt5SGzC0AF6MAOL8fC2RE", "epoch": 4, "voids": 2, "agedMs": 70630, "offset": "74", "claimId": "WIoSNTt7IBQQv2WOBvGFSQ", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "71", "decidedAt": "2026-11-30T08:09:59.940Z", "partition": 0, "generation": 9, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "61mwF_gcHDiDmzH4gQJpvqW2jZLDdoAZZTu6OviPObM", "acceptedDecidedAt": "2026-11-30T08:08:52.367Z"}','main');
insert into "audit_v5_1"."account_record" ("tenant", "account_id", "partition", "seq") overriding system value values
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
insert into "audit_v5_1"."record" ("partition", "log_offset", "kind", "reason", "epoch", "seq", "tenant", "hash") overriding system value values
('0','0','genesis',null,null,null,null, E'\\x3654a6e09d619998fee60d1836859b85a7993dedaf87113ab7898f584cf90db3'),
('0','1','claim',null,'1',null,null, E'\\x3cf2f71e804cb7b0a608e571fc1d73c8cca0edc87db1e10c379b58aefd9194f3'),
('0','10','commit',null,'1','9','main', E'\\xd8fa590f4f3d1af5f93e1c80c1af36e248d4cc9204e4c7edc00c3baae4dcd2ac'),
('0','11','commit',null,'1','10','main', E'\\xfd5b20dde153b94611a8b85999bd39b29617e644b296d346543e3d13c9958f4a'),
('0','12','commit',null,'1','11','main', E'\\xdd213de7cad6b0043a514c548b95a9ff26cef34659fd335c77d21f3437344e12'),
('0','13','commit',null,'1','12','main', E'\\x7b8941cc15f337d9c0ccd87fa444d3a5e5b85cc735a63b3619a8577ad14ad2bf'),
('0','14','commit',null,'1','13','main', E'\\x2242882725714989e5c67308b274a9be2f69b468da6b3ee5d064128a212bc3a0'),
('0','15','commit',null,'1','14','main', E'\\xee548e9685f0eb3fb9e19d93cb1ed1dbd8661699d20bf33e0a52fe642c129f4d'),
('0','16','commit',null,'1','15','main', E'\\xedd37b6f8cdc7eafb7a150a1d3404c0774ec3b3d79dbe3a47efdeb1edea875ae'),
('0','17','commit',null,'1','16','main', E'\\x6bf3c6a1a6a58eae52faa04783e961a2d3066e34e32627872e8592a6390a9e36'),
('0','18','commit',null,'1','17','main', E'\\xd52261fb657d5023607ec04ec3511c9cbe6fcd1578ecefd3185bd555fad7ee19'),
('0','19','commit',null,'1','18','main', E'\\xb8a7186559c2ccbb57a55929f1796547ed67e52f8d987567633cb8931575ef31'),
('0','2','commit',null,'1','1','main', E'\\x9a755b037f394377e53dd04083fb97534c7e29a5b1f0bc61553907ddf3a77dba'),
('0','20','commit',null,'1','19','main', E'\\x9476b67d46522474826ab60d69a1501896c9fe878663abb0066066593cb3ddfb'),
('0','21','commit',null,'1','20','main', E'\\x13ccdcaca4d97a0025bf361671d643de2c9b4fac1f205d3a96f3160acb21c5fa'),
('0','22','commit',null,'1','21','main', E'\\xb266dcfebf3872e481966917b7f69963baec80b7e39ac4be300d4eaed4ce0335'),
('0','23','commit',null,'1','22','main', E'\\x9f704d334d2fda8c7cf52a069807f3f1946bdb4c785359fd4a39d3e5626eab4b'),
('0','24','commit',null,'1','23','main', E'\\x365497494c22dd6d14949e9426f7c3b7593a855f2b3897d9c08f9f52a5bd0ddb'),
('0','25','commit',null,'1','24','main', E'\\x509acbd0d633a2635a49cee77dd7ffa991731f47046f12894f34b1649e0f7285'),
('0','26','commit',null,'1','25','main', E'\\xc78f00b8b891a6d7d6cdbaa3e5cf4f66eda0273edce5b38ab250e90e3b9ccce9'),
('0','27','commit',null,'1','26','main', E'\\x15a464f64f464971ec7794981ea6dda274174a3e06d61a830a7dd1f8317713bd'),
('0','28','commit',null,'1','27','main', E'\\x91c05cf48f3a0ad3365b5ca39d21c99f717fab33d51cf2c78a56fc4744e54d60'),
('0','29','commit',null,'1','28','main', E'\\x7ac2ae49ccb1ff1770e0d602f9fa0da6467d82c6d07e2a7f39be2cdb8ae67006'),
('0','3','commit',null,'1','2','main', E'\\xddc08c2f363fe5a7677402ed36e9a599c3947b2b33b1d16e3cf6f3c6ded6f78d'),
('0','30','commit',null,'1','29','main', E'\\x9b86acbd60f340ff79bcf2f79a1abb041bb331af028ebc41a16a6395b1c9f651'),
('0','31','commit',null,'1','30','main', E'\\x5996314bd6560a404fda5611564c5eda0751d7d7d2bdffeb07a5cc7a8d102fd5'),
('0','32','commit',null,'1','31','main', E'\\x80ceca1fa914288f649b4c800878512636b1249f76edddbdf22f3f44c5eb6260'),
('0','33','commit',null,'1','32','main', E'\\x865b17d7b0a88b80493dfadf9e86ef37cc9440b0767c7ab32785fdb2b027c934'),
('0','34','commit',null,'1','33','main', E'\\xc0b49f098477406bcca305515b95ca7432c895d96a7f90884b9e3383e11e2ce2'),
('0','35','commit',null,'1','34','main', E'\\x868536a337cb545521210e3021b2149c37594ff9151072833610547ab43750e4'),
('0','36','commit',null,'1','35','main', E'\\x84731de8d8f35437b2e7201283f99546ff6c423488ac9629eea7a2901cebd1a6'),
('0','37','commit',null,'1','36','main', E'\\xc782820427943432a9a8db46b633c9c993b19843ee2bbe6248659d757f26c4a0'),
('0','38','commit',null,'1','37','main', E'\\x232c5dd4876e6099fc9a42903dab04b453bc614a61a4180624956c423f594106'),
('0','39','commit',null,'1','38','main', E'\\x9b783893e0091a2b385aa1b8f8f1e6399baa2e7c99733f8caed080a935169fce'),
('0','4','commit',null,'1','3','main', E'\\x5657266e0a5dba05fc9611243f727bef7b76c2760afa08e5c899f74ea69e36ef'),
('0','40','commit',null,'1','39','main', E'\\x1e7008f49d021b02a3eae047faacfbca6d0be58508764d827e86b6064ac3f6f8'),
('0','41','commit',null,'1','40','main', E'\\x354221e5830daca32dee4f1a2d3ea84ac2b1c2d7af52cece68ffe3b8d11c7f70'),
('0','42','commit',null,'1','41','main', E'\\x55e61d9686ef9414b518977b77b7f545e1f50242bf172af685834e52645aeaf3'),
('0','43','commit',null,'1','42','main', E'\\x6bf2a88fab107a119b5ebbea279f8095410198468d286c08f0fd7e61f398cfb5'),
('0','44','void','unreadable_record',null,null,null, E'\\x061b84c984b5d228527fce7e24a01b09b7d4f9fddf59824a6d037f56a0f93526'),
('0','45','claim',null,'2',null,null, E'\\x12cb8b59e78ad908c43ee0299803ae5437b0804525dd32ff68302ff10bf98a41'),
('0','46','claim',null,'3','1000000',null, E'\\xb78e6ecb18db381f92ee40ddb5c4cf348d454d17e8ec0dc6452071384e3d2c12'),
('0','47','claim',null,'4',null,null, E'\\x588342f3ad60fc7e269618ecf2ee5fa6e9d01143abf8dfafc825ba62c9642be0'),
('0','48','void','stale_epoch','1','42',null, E'\\xa148a9334887680a146410393a8820a43b3b2e4163da5b35fe0424b2a5a1f326'),
('0','49','commit',null,'4','1000001','main', E'\\xc95894d537c8c30512265dde29dd775528b562ff081e6fe0b9db2d71009f7127'),
('0','5','commit',null,'1','4','main', E'\\x83182e7cd966e03480c1135b1e882eebd98c32abc93c1181f22d8f8972154fd4'),
('0','50','commit',null,'4','1000002','main', E'\\x0df5b77e0ac0a8e391a1b3e56bbdac2723fb737e67bbbcd492dd6d22900c18b3'),
('0','51','commit',null,'4','1000003','main', E'\\xe36b957d45c3036f134f35198575baf5d27083a9e7cd959cb6ff80f0973896f6'),
('0','52','commit',null,'4','1000004','main', E'\\xf233952f92d7bf9a696c51bd8b5d678334be8c0f2f165e71ad3a698e169adcce'),
('0','53','commit',null,'4','1000005','main', E'\\x93f9e49be5da66b33b6a83fda95d65b7f21dc158f67beb44fb364193c57fab25'),
('0','54','commit',null,'4','1000006','main', E'\\xb568946282d30d6d951914ad09a3bab21acc07489e99dbb978a31ad1cdcde089'),
('0','55','commit',null,'4','1000007','main', E'\\x1e437ab625b168ddac188c220dbe118da0e4c4a42031180c9a4ef8cfe1cb51df'),
('0','56','commit',null,'4','1000008','main', E'\\x5faa3daff8d8e91fe70e7428e77fbafb7bc687e1ca96551fcde4713bbcc2a70a'),
('0','57','commit',null,'4','1000009','main', E'\\xdf3fc57ac66b82786d7d77d3cb4e1b02b2781a942315c76db8982493ddc11872'),
('0','58','commit',null,'4','1000010','main', E'\\xd39eae6f139f50d29e3b05e71131c4daef010ba4aec03d05d1b6ae12c0c499a2'),
('0','59','commit',null,'4','1000011','main', E'\\x43084286ed720faeef589c90046b344c6c980623b537faeed40ac7316e374d8d'),
('0','6','commit',null,'1','5','main', E'\\x00ac0069977c041d6d1622aa10bb7c299004126fb9c91f623c13b5c34f9d54fb'),
('0','60','commit',null,'4','1000012','main', E'\\x70fd11d0e1e81276e0a759cc90fe8662e6371cd41f84c80c0cd6aa303512824f'),
('0','61','commit',null,'4','1000013','main', E'\\x571601158f122dc9c427c7fb30000f5d389c9cf4b2758e5ce245bab96411dcdb'),
('0','62','commit',null,'4','1000014','main', E'\\x847c83ac7fa4f081024913d898894f29cefc002d0565ca291e3a2ddd80c869bb'),
('0','63','commit',null,'4','1000015','main', E'\\x7803047d34b7cb2417a56a7bd809e07166dc41fc09cfdf8b48bbd807a0145a0d'),
('0','64','commit',null,'4','1000016','main', E'\\x696cea23fffcf9f2065c57fbb96c19abc959e5c35ad63554bc2916b86f8c0111'),
('0','65','commit',null,'4','1000017','main', E'\\xb24d45d0023882283b7576288b794d73e88ee88d6281fcf8444fff5fda48ac93'),
('0','66','commit',null,'4','1000018','main', E'\\x61053d9bf31c1b4f4a829e51ce9446114665c9d42d40b149fd2415f63da7587c'),
('0','67','commit',null,'4','1000019','main', E'\\xf017244e0f6571592c1f52bf0f878308eef413fdc29ac604af614bc774e3d9a9'),
('0','68','commit',null,'4','1000020','main', E'\\xeeefce5318c2242713afce90803161507a71a77093fe1311a4c69b86d097f3fa'),
('0','69','commit',null,'4','1000021','main', E'\\x7cc0cf1451510637f594ef62535014e07ef2446894cb7cb63145db08b76c342d'),
('0','7','commit',null,'1','6','main', E'\\x199afc38b22167c644e0a116605ada940f46cf75d9f958cebd66139a3dbd9793'),
('0','70','commit',null,'4','1000022','main', E'\\xeb59b017f81c1c38839b31f8810269bea5b68d92c3768019653bba3af88f39b3'),
('0','71','commit',null,'4','1000023','main', E'\\x95cb89f3b8dd2141a01ac6cab2659a4405ade521b30b4005e8c00e2fc7c2d911'),
('0','8','commit',null,'1','7','main', E'\\xe860a01424cf9df38db41d642ace4170a684b2af45ddf0776cc72ecbf4453119'),
('0','9','commit',null,'1','8','main', E'\\x44242233331a797f5142a868c80be781e2b0e769f1f43e0b6ec261cfd6d710c2');
insert into "projection"."checkpoint" ("schema_name", "partition", "log_offset", "epoch", "claim_id", "seq", "hash", "genesis", "voids", "caught_up_at", "rate_per_second", "stopped", "fold", "given_up_by") overriding system value values
('audit_v5_1','0','74','4','WIoSNTt7IBQQv2WOBvGFSQ','1000023','lcuJ87jdIUGgGsbKsmWaRAWt5SGzC0AF6MAOL8fC2RE','{"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}','2','2026-11-30 08:10:11.051565+00','0',null,'{"seq": 1000023, "hash": "lcuJ87jdIUGgGsbKsmWaRAWt5SGzC0AF6MAOL8fC2RE", "epoch": 4, "voids": 2, "agedMs": 70630, "offset": "74", "claimId": "WIoSNTt7IBQQv2WOBvGFSQ", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "71", "decidedAt": "2026-11-30T08:09:59.940Z", "partition": 0, "generation": 9, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "61mwF_gcHDiDmzH4gQJpvqW2jZLDdoAZZTu6OviPObM", "acceptedDecidedAt": "2026-11-30T08:08:52.367Z"}',null);
insert into "projection"."lease" ("name", "owner_id", "acquired_at", "expires_at", "session_until", "term", "tenant") overriding system value values
('projection audit/audit 0','vm-3679','2026-11-30 08:09:52.223901+00','-infinity',null,'4',null),
('rebuild audit/audit','vm-3679','2026-11-30 08:09:52.085148+00','-infinity',null,'3',null);
insert into "projection"."version" ("schema_name", "service", "name", "version", "state", "made_at", "switched_at") overriding system value values
('audit_v5_1','audit','audit','5','live','2026-11-30 08:08:46.101892+00',null);
select setval('audit.access_id_seq', 4, 't');
select setval('audit.verification_id_seq', 1, 't');
select setval('projection.generation', 1, 't');
select setval('projection.lease_term', 4, 't');
alter table audit.access add constraint access_pkey PRIMARY KEY (id);
alter table audit.verification add constraint verification_pkey PRIMARY KEY (id);
alter table audit_v5_1.record add constraint record_pkey PRIMARY KEY (partition, log_offset);
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
CREATE UNIQUE INDEX account_record_place ON audit_v5_1.account_record USING btree (account_id, tenant, partition, seq);
CREATE UNIQUE INDEX record_claim ON audit_v5_1.record USING btree (partition, epoch) WHERE (kind = 'claim'::text);
CREATE UNIQUE INDEX record_commit ON audit_v5_1.record USING btree (partition, seq) WHERE (kind = 'commit'::text);
CREATE INDEX record_void ON audit_v5_1.record USING btree (partition, seq) WHERE (kind = 'void'::text);
CREATE UNIQUE INDEX version_one_building ON projection.version USING btree (service, name) WHERE (state = 'building'::text);
CREATE UNIQUE INDEX version_one_live ON projection.version USING btree (service, name) WHERE (state = 'live'::text);
CREATE TRIGGER access_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.access FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
