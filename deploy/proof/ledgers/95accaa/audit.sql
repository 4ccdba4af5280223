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
('1','2026-11-30 03:55:42.026019+00','main','auditor:vera','vera','GET /v1/audit/accounts/ada:main/replay?limit=500'),
('2','2026-11-30 03:55:42.087217+00','main','auditor:vera','vera','GET /v1/audit/payments/pay-0-30'),
('3','2026-11-30 03:55:42.148088+00','main','auditor:vera','vera','GET /v1/audit/partitions/0/verify'),
('4','2026-11-30 03:55:42.25798+00','main','auditor:vera','vera','GET /v1/audit/accesses?limit=500');
insert into "audit"."verification" ("id", "partition", "ended_at", "asked_by", "sound", "position", "hash", "records", "duration_ms", "fault_count", "finding", "fold", "tenant") overriding system value values
('1','0','2026-11-30 03:55:42.244965+00','auditor:vera','true','0:1000023','eGZOr58Ngm3Yz6gZtEvbupmYQwE8sQYLurV19ym1EH0','73','89','0',null,'{"seq": 1000023, "hash": "eGZOr58Ngm3Yz6gZtEvbupmYQwE8sQYLurV19ym1EH0", "epoch": 4, "voids": 2, "agedMs": 14522, "offset": "73", "claimId": "VMMt7aqRu-XBx2qMtxnC6A", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "71", "decidedAt": "2026-11-30T03:55:36.726Z", "partition": 0, "generation": 8, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "TgoG-aFVicq5c34_lRGvyGh1tYkYxHYnEeRtXus2oQc", "acceptedDecidedAt": "2026-11-30T03:55:22.679Z"}','main');
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
('0','0','genesis',null,null,null,null, E'\\xd2b5bb43decf2b2b8625225243d16abd0e8aac4849da0d807bbae711764c2124'),
('0','1','claim',null,'1',null,null, E'\\xdf47d4e97af0599598129170a7b67cf4aadfa91d33ac90656e7cc9e1eb9f2a96'),
('0','10','commit',null,'1','9','main', E'\\xc1b7381d8eac1f3b7558db91ada16409f30edc4a4a84ce566128ecd7847f10ad'),
('0','11','commit',null,'1','10','main', E'\\xb9f260f7af1f6a04fed873c8c2dbe87898fda6bb599e587cb16cde60e4df23d5'),
('0','12','commit',null,'1','11','main', E'\\x4921b9f690ec9b56e1370f4f6e5f1a37861ad2af2698b7726c4f47819f869eaf'),
('0','13','commit',null,'1','12','main', E'\\x5e51716f95b6c371ef8855b04f2d44fa5b1d6e509803d09a32427f3c3f3b8cee'),
('0','14','commit',null,'1','13','main', E'\\xe73486b873abf05ddfe2d700b5457b829e5b3ecfe2eb4e62875f80fae9baa28c'),
('0','15','commit',null,'1','14','main', E'\\x8b45082353dfc2e091eb938bb609ad48d8b38ef9c7aca88c6973ea9e5f926f8e'),
('0','16','commit',null,'1','15','main', E'\\x955547a673814faff81d77bed2e3f91be351dc67fbdcdd9c14cf3609cf7c4c5a'),
('0','17','commit',null,'1','16','main', E'\\xbab37d32be655a98e3c7381386331f7a658b118f9dacc4c4075c7d934f83d7ce'),
('0','18','commit',null,'1','17','main', E'\\x1b223b655ae32e8ae7ec050c326eb237be7e02b6f4269928e645bfefe195ef8a'),
('0','19','commit',null,'1','18','main', E'\\xd1c4ae0d5c0304892ec48c5428b7ba8c6eea1073e56578f06e1320f99ea265a2'),
('0','2','commit',null,'1','1','main', E'\\x7af4f6504ecc70217deca181509a816d95d34ec058c3a61ba385e4e1c74ea553'),
('0','20','commit',null,'1','19','main', E'\\x46a0696ccbc50233797a2eda0d3c29a3a5ab9c4e8c881e3c8e335e469edf8b26'),
('0','21','commit',null,'1','20','main', E'\\x905e0a343e8a5f7a507d0a275bd0ad83a26d403059cbf7089b900aef3cb7fa84'),
('0','22','commit',null,'1','21','main', E'\\x63f17af887117f71e3555a65ca72e3240af3eac03c989c066c79c913a7b2f234'),
('0','23','commit',null,'1','22','main', E'\\x5ead9519f693bd7e264da3001bd9b41dae4ea31acf8f0563a9195fa0f7c4b40f'),
('0','24','commit',null,'1','23','main', E'\\xfb96f1a80dc44559652189dbb2585b41754af9a4d94da512f4d86cfc9936723e'),
('0','25','commit',null,'1','24','main', E'\\x65bea19fc3f7f7438b0b46142d18c2eda4aa5e926b54ce3ec726ce46fd36adc5'),
('0','26','commit',null,'1','25','main', E'\\x4c959752d9f4898b5e14fa9540a6499d417896df8ad3687e79003025f94538a7'),
('0','27','commit',null,'1','26','main', E'\\xb87aabed878c949dc917630e380662895185a228ef59e033234b158cdd97b9b0'),
('0','28','commit',null,'1','27','main', E'\\x396e7a6aae82fd2e642f6f1a59c37efba749b0fcebc2952627d628b7e3bd8e42'),
('0','29','commit',null,'1','28','main', E'\\x0c7eeb9b785f5d43dd6f0e139b5b29806f24828bc621ec62263e417e8d5c1c16'),
('0','3','commit',null,'1','2','main', E'\\xe9db784ddd34cb1cb4f3f9d763185e63b92d327d8237db7a53f0ffd9aa62a2b1'),
('0','30','commit',null,'1','29','main', E'\\x5962c5d958b6c3812c96b2d02b28acf7f3a64732cc3fc8d051d99eeeadb2aae4'),
('0','31','commit',null,'1','30','main', E'\\x87d6dbec390e244c60733fd16d14a573d967d49d0f2dc9e910025b22a98635ab'),
('0','32','commit',null,'1','31','main', E'\\x0d7f7028e10cba9b336d5efdf65a0b6d4e14f19c9949b6a3722f50490b433ada'),
('0','33','commit',null,'1','32','main', E'\\x4ab9cecc46d4505f8b7300cb25bf1c2bb4107bcd58904bf711bb35c38223c87b'),
('0','34','commit',null,'1','33','main', E'\\xa1552aefed46a37383a987e7f65480134a54e1b6e9001558249752f60172ff11'),
('0','35','commit',null,'1','34','main', E'\\x69cfb3e9aba83bfec6e206ebd26c7501d0a35a2409f81b9e459b4eaca7475855'),
('0','36','commit',null,'1','35','main', E'\\xa151ccc9ad28a535376b57dab21432469db6c29b470d8ec01cd0cfb98c5761b9'),
('0','37','commit',null,'1','36','main', E'\\x2270dfb093ef38367612a6532a3023f5f30c8add3dc7962c91a32a9d5c8deb47'),
('0','38','commit',null,'1','37','main', E'\\x8aba4ee5a9007d37888569798e87b38f89ac9dfce4b8af456487e8569b98b1fe'),
('0','39','commit',null,'1','38','main', E'\\xa1dd77ed207afc093a4807e777113f674395d0a7ca5fcf3bb6feff5d7a52a7ab'),
('0','4','commit',null,'1','3','main', E'\\x9029cf4512c0bf14202f00c8aedd0a8dfcf75f2d7e8cd21c51aef991246f792d'),
('0','40','commit',null,'1','39','main', E'\\x18cc88ccdbe414d9cf5399993b2e4a0707a7777fb3a1686ac086e10dd958e0e3'),
('0','41','commit',null,'1','40','main', E'\\x1848ee6ab00cf3297d60f4210aefa8aef60dc93c5cc8a60d06b14c87d9a225ca'),
('0','42','commit',null,'1','41','main', E'\\x3d990ec3499a10c94ffb23f82e16cdf9c88dae933db269923b55c39302d39e45'),
('0','43','commit',null,'1','42','main', E'\\x86b7eea39c7cfca6bf6ee4666dd6774bcbcb5ebd4bb28348397159d03ee59abf'),
('0','44','void','unreadable_record',null,null,null, E'\\x061b84c984b5d228527fce7e24a01b09b7d4f9fddf59824a6d037f56a0f93526'),
('0','45','claim',null,'2',null,null, E'\\x3dcdb572c4b5f50cc74e851ed345dfd12d10f28482a46986c42a72c92b7a8063'),
('0','46','claim',null,'3','1000000',null, E'\\xf416e3785d594d3e92a45fc6339c7d591f85142d56d3dc95c5b951b364396ca8'),
('0','47','claim',null,'4',null,null, E'\\xf19d58c271be17e135a0708fab4dbc4b07f5f1395bd23230ef0be1cbd6438854'),
('0','48','void','stale_epoch','1','42',null, E'\\x043daa06f3edf05f3562f0c24578fd6553efb97ced98bea48efcd7460b345bde'),
('0','49','commit',null,'4','1000001','main', E'\\xf00c08291172b301a8b86ec21b4a9a05c6bd950bf6bd7e74dc246fafaa35fce1'),
('0','5','commit',null,'1','4','main', E'\\x9a1f92e437d4ef7926ea7a118003a62280fef7c775d9f33ac8ec9df0c90f00c2'),
('0','50','commit',null,'4','1000002','main', E'\\x71ea627c1c0be946ccc1917bfd6a50243b712f61724b6429d6c6d7e719c593f6'),
('0','51','commit',null,'4','1000003','main', E'\\x10a0d39604c2afe1d4fb109167ef65eae74b60bac7e2bbfbbdece136ee6d915c'),
('0','52','commit',null,'4','1000004','main', E'\\x52f86a50b7f556f772dcef25d8dc19bf5d10ad612905c7f4dc0062f20c733b55'),
('0','53','commit',null,'4','1000005','main', E'\\x584a0ebd920bcdb07325410810927588bd6bace90d740c9afd928405b43d89c9'),
('0','54','commit',null,'4','1000006','main', E'\\xa3d92011b841124f860bd577dd06c9ef6e9b3cf6b9cbef8d561a4173616a2f17'),
('0','55','commit',null,'4','1000007','main', E'\\x3c2833b872b3b88dc68b522bda635580159b9a8283afcc25c330060b35b7a968'),
('0','56','commit',null,'4','1000008','main', E'\\x0f0a8ce401224215f1255012f25f3cc9144c189eb538e8eae93de7a53bc84ec3'),
('0','57','commit',null,'4','1000009','main', E'\\x33c009ac58df2a5f89a1a07ae67da295aca05521613dfd8f2497e50a29e0cc6f'),
('0','58','commit',null,'4','1000010','main', E'\\xfa34e59448cb30fd9aca5b3994cca1cfb551bc3349e9c4480dece0e5566f7896'),
('0','59','commit',null,'4','1000011','main', E'\\xca0af88e47178be54f8eb13c7ab22ec6fa3458974ead0e0a1e1eac9fe766551f'),
('0','6','commit',null,'1','5','main', E'\\x2e4f1e0e6db53940379eac5730d0c27306e0e7839e4127c3b57d9630d9f1a4e5'),
('0','60','commit',null,'4','1000012','main', E'\\xe4baf1b7f4cebfdf426641f42b6d1f68566ccf7599443c1c49ccff02f5ca1b93'),
('0','61','commit',null,'4','1000013','main', E'\\xaad98b79e7486f480fec424b35760a555626d3796fdfaeb2c782bebb66d6188d'),
('0','62','commit',null,'4','1000014','main', E'\\x13924ea3efa4659dbc5956fce9f21b37c4974edc08e8dba8fbff4e34c41422c7'),
('0','63','commit',null,'4','1000015','main', E'\\xfe3b23e59a337f47473bf845ab3f173e376e02df0e9af9afc2deb17a5195c4ee'),
('0','64','commit',null,'4','1000016','main', E'\\x035291e91cf7d6037bd16669cfae231298222d7acfe3288f236fc92ee4bc1fd8'),
('0','65','commit',null,'4','1000017','main', E'\\x61d5088aeaf83eca307b8b97dc9d87261a7a34f14a9ffee3f30ae94098de3e66'),
('0','66','commit',null,'4','1000018','main', E'\\xcece4ee3dab2c4ec8eaaf57944a920a295310cc8fbdf9c472fcc35a58b92eecb'),
('0','67','commit',null,'4','1000019','main', E'\\x5b8ddf2747798268094771e1a5fe1d5418fee10f6ed3569a1f576afb4efdc33e'),
('0','68','commit',null,'4','1000020','main', E'\\xf754ef62bf0193fa191c8e4f45e840859ab87a61a8d11ce9abb16f5ef42d862e'),
('0','69','commit',null,'4','1000021','main', E'\\xbf3f53d8f825f59a22cae571c82199ef2836de2a648c31445dd2777f8cd35fa9'),
('0','7','commit',null,'1','6','main', E'\\x5a2356628ca0bd5ebab7422d36d2d681c8bf1adc69a3620c39f4675f4fd1ebb8'),
('0','70','commit',null,'4','1000022','main', E'\\x4e0a06f9a15589cab9737e3f9511afc86875b58918c4762711e46d5eeb36a107'),
('0','71','commit',null,'4','1000023','main', E'\\x78664eaf9f0d826dd8cfa819b44bdbba999843013cb1060bbab575f729b5107d'),
('0','8','commit',null,'1','7','main', E'\\xa8e01a2056aff06b139c97fee8b7781a338b2f9afd26d99c1020640e5fc86634'),
('0','9','commit',null,'1','8','main', E'\\xd67bb87dbe96794467d7babdf848dd054a45609e25990c5979710be8a68ced23');
insert into "projection"."checkpoint" ("schema_name", "partition", "log_offset", "epoch", "claim_id", "seq", "hash", "genesis", "voids", "caught_up_at", "rate_per_second", "stopped", "fold", "given_up_by") overriding system value values
('audit_v5_1','0','73','4','VMMt7aqRu-XBx2qMtxnC6A','1000023','eGZOr58Ngm3Yz6gZtEvbupmYQwE8sQYLurV19ym1EH0','{"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}','2','2026-11-30 03:55:42.131065+00','3.5083683',null,'{"seq": 1000023, "hash": "eGZOr58Ngm3Yz6gZtEvbupmYQwE8sQYLurV19ym1EH0", "epoch": 4, "voids": 2, "agedMs": 14522, "offset": "73", "claimId": "VMMt7aqRu-XBx2qMtxnC6A", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "71", "decidedAt": "2026-11-30T03:55:36.726Z", "partition": 0, "generation": 8, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "TgoG-aFVicq5c34_lRGvyGh1tYkYxHYnEeRtXus2oQc", "acceptedDecidedAt": "2026-11-30T03:55:22.679Z"}',null);
insert into "projection"."lease" ("name", "owner_id", "acquired_at", "expires_at", "session_until", "term", "tenant") overriding system value values
('projection audit/audit 0','vm-15997','2026-11-30 03:55:35.456004+00','-infinity',null,'4',null),
('rebuild audit/audit','vm-15997','2026-11-30 03:55:35.309745+00','-infinity',null,'3',null);
insert into "projection"."version" ("schema_name", "service", "name", "version", "state", "made_at", "switched_at") overriding system value values
('audit_v5_1','audit','audit','5','live','2026-11-30 03:55:20.789998+00',null);
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
