set check_function_bodies to off;
create schema audit;
create schema audit_v3_1;
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
  fold jsonb
);
create table audit_v3_1.account_record (
  account_id text collate "C" not null,
  partition integer not null,
  seq bigint not null
);
create table audit_v3_1.record (
  partition integer not null,
  log_offset bigint not null,
  kind text collate "C" not null,
  reason text,
  epoch bigint,
  seq bigint,
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
('1','2026-11-29 19:36:59.905038+00','main','auditor:vera','vera','GET /v1/audit/accounts/ada:main/replay?limit=500'),
('2','2026-11-29 19:37:00.238698+00','main','auditor:vera','vera','GET /v1/audit/payments/pay-0-30'),
('3','2026-11-29 19:37:00.600067+00','main','auditor:vera','vera','GET /v1/audit/partitions/0/verify'),
('4','2026-11-29 19:37:01.577739+00','main','auditor:vera','vera','GET /v1/audit/accesses?limit=500');
insert into "audit"."verification" ("id", "partition", "ended_at", "asked_by", "sound", "position", "hash", "records", "duration_ms", "fault_count", "finding", "fold") overriding system value values
('1','0','2026-11-29 19:37:01.522441+00','auditor:vera','true','0:1000023','1JFU4fbGYRkja6Py9tEhLtY2_s0uoe3xB_r9CP8wgkI','73','858','0',null,'{"seq": 1000023, "hash": "1JFU4fbGYRkja6Py9tEhLtY2_s0uoe3xB_r9CP8wgkI", "epoch": 4, "voids": 2, "agedMs": 60668, "offset": "73", "claimId": "3XeWjhSTpnIekJcqvVuXlQ", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "71", "decidedAt": "2026-11-29T19:36:53.170Z", "partition": 0, "generation": 7, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "dOAJZ5JTHhgpDtMzMeqBXwnDqLoRv1GQNitvkbzMMHc", "acceptedDecidedAt": "2026-11-29T19:35:56.458Z"}');
insert into "audit_v3_1"."account_record" ("account_id", "partition", "seq") overriding system value values
('ada:jpy','0','10'),
('ada:jpy','0','1000012'),
('ada:main','0','1000004'),
('ada:main','0','1000005'),
('ada:main','0','1000009'),
('ada:main','0','1000013'),
('ada:main','0','1000014'),
('ada:main','0','1000019'),
('ada:main','0','17'),
('ada:main','0','18'),
('ada:main','0','20'),
('ada:main','0','21'),
('ada:main','0','23'),
('ada:main','0','24'),
('ada:main','0','26'),
('ada:main','0','27'),
('ada:main','0','28'),
('ada:main','0','29'),
('ada:main','0','30'),
('ada:main','0','31'),
('ada:main','0','35'),
('ada:main','0','40'),
('ada:main','0','7'),
('ada:savings','0','1000009'),
('ada:savings','0','1000016'),
('ada:savings','0','1000018'),
('ada:savings','0','1000019'),
('ada:savings','0','8'),
('ada:usd','0','1000010'),
('ada:usd','0','1000011'),
('ada:usd','0','15'),
('ada:usd','0','9'),
('bank:house','0','1000004'),
('bank:house','0','1000005'),
('bank:house','0','1000006'),
('bank:house','0','1000007'),
('bank:house','0','4'),
('ben:main','0','1000003'),
('ben:main','0','1000006'),
('ben:main','0','1000014'),
('ben:main','0','11'),
('ben:main','0','16'),
('ben:main','0','19'),
('ben:main','0','22'),
('ben:main','0','25'),
('ben:main','0','28'),
('ben:main','0','30'),
('ben:main','0','32'),
('ben:main','0','38'),
('ben:usd','0','1000008'),
('ben:usd','0','12'),
('cash:eur','0','1'),
('cash:eur','0','1000013'),
('cash:eur','0','16'),
('cash:eur','0','17'),
('cash:eur','0','18'),
('cash:eur','0','19'),
('cash:eur','0','20'),
('cash:eur','0','21'),
('cash:eur','0','22'),
('cash:eur','0','23'),
('cash:eur','0','24'),
('cash:eur','0','25'),
('cash:eur','0','26'),
('cash:eur','0','27'),
('cash:eur','0','33'),
('cash:eur','0','37'),
('cash:jpy','0','1000012'),
('cash:jpy','0','3'),
('cash:usd','0','1000010'),
('cash:usd','0','1000011'),
('cash:usd','0','1000021'),
('cash:usd','0','2'),
('cash:usd','0','34'),
('fees:eur','0','1000013'),
('fees:eur','0','1000017'),
('fees:eur','0','30'),
('fees:eur','0','5'),
('fees:usd','0','1000021'),
('fees:usd','0','6'),
('old:main','0','1000001'),
('old:main','0','1000002'),
('old:main','0','14'),
('old:main','0','36'),
('rent{linden}','0','1000013'),
('rent{linden}','0','13'),
('rent{linden}','0','30'),
('rent{linden}','0','39'),
('rent{linden}','0','42');
insert into "audit_v3_1"."record" ("partition", "log_offset", "kind", "reason", "epoch", "seq", "hash") overriding system value values
('0','0','genesis',null,null,null, E'\\x2342e52df9e1f05aecd0518a2b63388d3c349a1a4ec6215319d7096d0313d851'),
('0','1','claim',null,'1',null, E'\\xad994fef6a5d3740a22fa812fc84cc156cad46f6104efdb76a6ecb27f1b5b803'),
('0','10','commit',null,'1','9', E'\\xe9f930c167645b39d8e525059a260f29419aa1f1b4b560a737a5692202234477'),
('0','11','commit',null,'1','10', E'\\x1f8fab1b9f07c9fbad62199eb57fbf9f16714b76316158cab1e0069177618b9e'),
('0','12','commit',null,'1','11', E'\\x2e741cbb075e2e47e7f02a431c5067108ce36a14204dfa55917ac864a7750dc0'),
('0','13','commit',null,'1','12', E'\\x5dac70ab8517556820a095a8bc2fefcb52f39f6082dd9dbc012d710371293b15'),
('0','14','commit',null,'1','13', E'\\xe6cb66647a2b93965a293670813c6cf9780ef2fdcef3730408b380661973ec04'),
('0','15','commit',null,'1','14', E'\\x40d2f5b3332fa5b098842d7866278f9a08fa90156dbfca05f61d7dd7e146fa56'),
('0','16','commit',null,'1','15', E'\\x37df49648c39b9b5613063eacba5de1792c50364ddb60925e228915dc197af91'),
('0','17','commit',null,'1','16', E'\\x90a51908894fab13dec5c9f7af68c544377278b57c0563ba0e07dca300ca0ee5'),
('0','18','commit',null,'1','17', E'\\x93e8c0b7afbbed96dac8b21a5fa79507a4ea6932c756dfd6d32c7c3c8c37c58f'),
('0','19','commit',null,'1','18', E'\\x501b0e1639f7f5ccf985783f73ad47beac5284ee77ac1bdbfcd8929afdfb6979'),
('0','2','commit',null,'1','1', E'\\xfe20dda52ba231e5ff741892721bd3c85606709e2103d536b4ef526b331fe679'),
('0','20','commit',null,'1','19', E'\\xfedb89bd5766c4c677e3d6fdee96840f06f4016a7832335811d4bf191556482a'),
('0','21','commit',null,'1','20', E'\\xae5db2247a86a27b7dbabc927dc751a31881abd325ed87c5f0b2a53d2af453ec'),
('0','22','commit',null,'1','21', E'\\x40d30ea26aa63a9b0119c3742fd64c429be3543173eb6bf1bff5392a229f3007'),
('0','23','commit',null,'1','22', E'\\xb9c8422c9daea327c7dc1b74a6c02d78be5424c659c9857e0a30bca0c7bfb15c'),
('0','24','commit',null,'1','23', E'\\x44012146f43bcfa819cda9b432389cc8543addc14a7e13621c3088fe54e83036'),
('0','25','commit',null,'1','24', E'\\xab0794168aca6928840e13d1124fab8980b6cf149ebfaeb744fe8e871463e883'),
('0','26','commit',null,'1','25', E'\\x667ad35bb09c4f664f7828d1abd27d7dc8cd7077bdf680f2e696be8525aa3f57'),
('0','27','commit',null,'1','26', E'\\x4d488bf3d42912ac358da2ba40502dd2bd96a4c6c3c1341edcac3623182e9c0f'),
('0','28','commit',null,'1','27', E'\\x2c434f18174397a088c8ea638a06edbc3b553ff4f53ac564c7f9490bceabde34'),
('0','29','commit',null,'1','28', E'\\x3d421d380c3fd63cd496a9a51f3b725c66fcb005902a0eff179a930076aa46ea'),
('0','3','commit',null,'1','2', E'\\x6f36060b5c9ee816dfacfc7260d5fdb1f68cece8e2e8fa7176663b30d23332b9'),
('0','30','commit',null,'1','29', E'\\xef862e49b46565c9789d6e23abee52b573ed2407d7e5df0b0c4333960d54e9ae'),
('0','31','commit',null,'1','30', E'\\x29c4cb04520d020ac37ca8bf091ebad5fd0ef3b1c773cc23d99a4496209a724c'),
('0','32','commit',null,'1','31', E'\\x413db9ff5a6e9b9a83950d707cc5dfe15bdeba4dfb2e98952790b2e045407f92'),
('0','33','commit',null,'1','32', E'\\xdd01c7e5982346696b4327e048ac68bdd0227b6acb7b27bf49f1c2ef5182d397'),
('0','34','commit',null,'1','33', E'\\x0b00cb01ef52192f484dc8b390303d97c0f930d76a464452c0048d3c60138865'),
('0','35','commit',null,'1','34', E'\\x3937a87da6430d9835f667d439d2fb20497a7b3b7c8fa5075b6694586397bf79'),
('0','36','commit',null,'1','35', E'\\x3fe69a8bf8d065926d99caaed3cbdfad5cceb57e0abe1b5d9a519244c098068a'),
('0','37','commit',null,'1','36', E'\\xa8b3b5e7201942811ae06d8a87c69c86d6736e3a3717082ac4a44f96693ca100'),
('0','38','commit',null,'1','37', E'\\x5b40c66ee20d2c3e1ca6287f0c080d80aea6b7d6b21892e87a6a8c6898a6b2a9'),
('0','39','commit',null,'1','38', E'\\xf9e9fe4ec52193a314d129740479673c6d9ecbc99bac6ff3cf848fa5d5bd5c88'),
('0','4','commit',null,'1','3', E'\\x460b009c47c0758bfe99358853215f3f98b34dcb3750f9d5006a2659f350c2cf'),
('0','40','commit',null,'1','39', E'\\xf5999490159998f703f77f88457649d6fd723ae001c1da698a63b0dc3e9d62c5'),
('0','41','commit',null,'1','40', E'\\x412d0b4a0c49eeebc11f8ce5147ffe04976a4ae272cdef5f2336cd7331a79808'),
('0','42','commit',null,'1','41', E'\\xdc3ae3abe83cea571029bdb0cdaad048f6fcb9d74edba0959da21864ca34b8fd'),
('0','43','commit',null,'1','42', E'\\xbc358b749dc7e3683dab4c9107bc0e953ce2b6b3d6871baf2382d60fd3db47a0'),
('0','44','void','unreadable_record',null,null, E'\\x061b84c984b5d228527fce7e24a01b09b7d4f9fddf59824a6d037f56a0f93526'),
('0','45','claim',null,'2',null, E'\\x1707cfcf73b91d602435993d24bd1535899a4c60545e41d6b722cb55cf9a609c'),
('0','46','claim',null,'3','1000000', E'\\x22ef18995714eb40537d128f5b05b21ffacebb87720b7f67b03f307cf4fdd05e'),
('0','47','claim',null,'4',null, E'\\x5fb26ad25cd5da8dc3dae6e0395b4bf299124de4adafba6208529340507e04da'),
('0','48','void','stale_epoch','1','42', E'\\xced78300f9804e2837a4b2ef1d0a99cd209db564a630ac46029c33fbbeb3694a'),
('0','49','commit',null,'4','1000001', E'\\x9b1dd9c42515695eafcca2c77c0f70d87614c0516e5f004f7b4292ae1e439512'),
('0','5','commit',null,'1','4', E'\\xfb58c5ae741aaf9ab6baf648684ee3930f8f8ff0eb922ecf929df9d30e0d4b4b'),
('0','50','commit',null,'4','1000002', E'\\x671be392bb1083ba6f4d1be697ef15247fa487c3d27c0b6363479c9dfc5c183c'),
('0','51','commit',null,'4','1000003', E'\\x93e86f3bddbcd00d300f0ea420a5fca706ff52a21d4996d4e1ad3523c2d8eb3c'),
('0','52','commit',null,'4','1000004', E'\\x5ec36d78906e00aa7b3e4f6efd436f4859cb064cee0b3ad3c9d834c9493181b8'),
('0','53','commit',null,'4','1000005', E'\\x5968f60a051b634391abe240e6ef26fa627c197b09bf50603998650b5c42d837'),
('0','54','commit',null,'4','1000006', E'\\x0c5f8dbff68703fed7965d28bc1c2b22d72ac8fa5285a7da7e20d78b1c3ad9b0'),
('0','55','commit',null,'4','1000007', E'\\x283121ce7dc832aab64a67be2d98da94ed02c173786b8096fdf4d40c7c54a8b5'),
('0','56','commit',null,'4','1000008', E'\\x46a20394fc95ef0325022d060c0baeb98870efdc8b5a8ca8c8845b2ff7ac1d0b'),
('0','57','commit',null,'4','1000009', E'\\x2d59a84831816684e98a82349583a88ab84a168978667fb96320fa42f4d7a381'),
('0','58','commit',null,'4','1000010', E'\\x009579392b34c96b921bf7b43404178f1a04a0e30388d9d735d8247b2630fb71'),
('0','59','commit',null,'4','1000011', E'\\x46132e6ebb09fea4868d7543ba87505809944c7f41cea6fdb5cad7b7f76ec37b'),
('0','6','commit',null,'1','5', E'\\x1e2a72124a29dac45655a808283d650cb86e9a034a59fea1f2e11f794191302b'),
('0','60','commit',null,'4','1000012', E'\\xc2312c3f81f8b81dc225510262ee5bb137374506ffc1744d0b20fca274ed82ad'),
('0','61','commit',null,'4','1000013', E'\\x6e6347ffca2ce8dc60550d0dcabee7563c79b9e5e4ea9f10d4984534ad527a46'),
('0','62','commit',null,'4','1000014', E'\\x59c85885daa3239dec8a19a32325f19bd676f86bdbacdbd2a9955de40735845b'),
('0','63','commit',null,'4','1000015', E'\\x68ad2c2fd0d1e2e03ce9f13752baf1cb849bcd3b2004d3bb4a158f352683b1f7'),
('0','64','commit',null,'4','1000016', E'\\xe315336062a35d32aeea6b8fb2d6993a0feace499d1db004085cb55b57405805'),
('0','65','commit',null,'4','1000017', E'\\x8803d62c276a18b463510495aae8fe4be8841426d00591edc9567fb81fc84816'),
('0','66','commit',null,'4','1000018', E'\\x793ca6fff0ec48006041dd9ee4afa2291867a89435765ed6e2057285993b9772'),
('0','67','commit',null,'4','1000019', E'\\xbcd6fe511596d87df22b775b60e141374a07f1fc232f4757068da9026cec3552'),
('0','68','commit',null,'4','1000020', E'\\xc2605cef76a2fe909da952042280c60b7fce60017f10ea737fe181b3aed4685b'),
('0','69','commit',null,'4','1000021', E'\\xcd9ce8e46ef2f5aa5cd35edc37ff27e0780f6be0835761a1edf04287a5f2a97f'),
('0','7','commit',null,'1','6', E'\\x22a921e32da66e689e61d60446b6848317000d1faed431ab9d80a8bdd6e66077'),
('0','70','commit',null,'4','1000022', E'\\x74e0096792531e18290ed33331ea815f09c3a8ba11bf5190362b6f91bccc3077'),
('0','71','commit',null,'4','1000023', E'\\xd49154e1f6c66119236ba3f2f6d1212ed636fecd2ea1edf107fafd08ff308242'),
('0','8','commit',null,'1','7', E'\\xf941a5afe0afbcd035e52e84f51a6b26961138655b87156dc1208c243fa6c499'),
('0','9','commit',null,'1','8', E'\\x1f01b5602fbfbe9deb051598c144ccb3544e7e4b18d9ecdaeac9b7a5334cd351');
insert into "projection"."checkpoint" ("schema_name", "partition", "log_offset", "epoch", "claim_id", "seq", "hash", "genesis", "voids", "caught_up_at", "rate_per_second", "stopped", "fold", "given_up_by") overriding system value values
('audit_v3_1','0','73','4','3XeWjhSTpnIekJcqvVuXlQ','1000023','1JFU4fbGYRkja6Py9tEhLtY2_s0uoe3xB_r9CP8wgkI','{"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}','2','2026-11-29 19:37:01.365141+00','1.7',null,'{"seq": 1000023, "hash": "1JFU4fbGYRkja6Py9tEhLtY2_s0uoe3xB_r9CP8wgkI", "epoch": 4, "voids": 2, "agedMs": 60668, "offset": "73", "claimId": "3XeWjhSTpnIekJcqvVuXlQ", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "71", "decidedAt": "2026-11-29T19:36:53.170Z", "partition": 0, "generation": 7, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "dOAJZ5JTHhgpDtMzMeqBXwnDqLoRv1GQNitvkbzMMHc", "acceptedDecidedAt": "2026-11-29T19:35:56.458Z"}',null);
insert into "projection"."lease" ("name", "owner_id", "acquired_at", "expires_at", "session_until", "term", "tenant") overriding system value values
('projection audit/audit 0','vm-9353','2026-11-29 19:36:46.5298+00','-infinity',null,'4',null),
('rebuild audit/audit','vm-9353','2026-11-29 19:36:46.372286+00','-infinity',null,'3',null);
insert into "projection"."version" ("schema_name", "service", "name", "version", "state", "made_at", "switched_at") overriding system value values
('audit_v3_1','audit','audit','3','live','2026-11-29 19:35:48.635613+00',null);
select setval('audit.access_id_seq', 4, 't');
select setval('audit.verification_id_seq', 1, 't');
select setval('projection.generation', 1, 't');
select setval('projection.lease_term', 4, 't');
alter table audit.access add constraint access_pkey PRIMARY KEY (id);
alter table audit.verification add constraint verification_pkey PRIMARY KEY (id);
alter table audit_v3_1.record add constraint record_pkey PRIMARY KEY (partition, log_offset);
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
CREATE UNIQUE INDEX account_record_place ON audit_v3_1.account_record USING btree (account_id, partition, seq);
CREATE UNIQUE INDEX record_claim ON audit_v3_1.record USING btree (partition, epoch) WHERE (kind = 'claim'::text);
CREATE UNIQUE INDEX record_commit ON audit_v3_1.record USING btree (partition, seq) WHERE (kind = 'commit'::text);
CREATE INDEX record_void ON audit_v3_1.record USING btree (partition, seq) WHERE (kind = 'void'::text);
CREATE UNIQUE INDEX version_one_building ON projection.version USING btree (service, name) WHERE (state = 'building'::text);
CREATE UNIQUE INDEX version_one_live ON projection.version USING btree (service, name) WHERE (state = 'live'::text);
CREATE TRIGGER access_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.access FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
