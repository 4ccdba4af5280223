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
insert into "audit"."access" ("id", "at", "tenant", "subject", "client", "request") overriding system value values
('1','2026-11-29 16:55:53.903855+00','main','auditor:vera','vera','GET /v1/audit/accounts/ada:main/replay?limit=500'),
('2','2026-11-29 16:55:53.940513+00','main','auditor:vera','vera','GET /v1/audit/payments/pay-0-30'),
('3','2026-11-29 16:55:53.999073+00','main','auditor:vera','vera','GET /v1/audit/partitions/0/verify'),
('4','2026-11-29 16:55:54.052486+00','main','auditor:vera','vera','GET /v1/audit/accesses?limit=500');
insert into "audit"."verification" ("id", "partition", "ended_at", "asked_by", "sound", "position", "hash", "records", "duration_ms", "fault_count", "finding", "fold") overriding system value values
('1','0','2026-11-29 16:55:54.044391+00','auditor:vera','true','0:1000013','qVda-9V_9n8GRFSfgSClCd07-s5tzPjpr6GhBn4DuB4','63','34','0',null,'{"seq": 1000013, "hash": "qVda-9V_9n8GRFSfgSClCd07-s5tzPjpr6GhBn4DuB4", "epoch": 4, "voids": 2, "agedMs": 21016, "offset": "63", "claimId": "36SuA0NRnkxoyeEH_SjFlA", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "61", "decidedAt": "2026-11-29T16:55:48.566Z", "partition": 0, "generation": 1, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "cHmq23mNlwNiocJz5FFNrlTYNGukfL2jxcw1aZyCh18", "acceptedDecidedAt": "2026-11-29T16:55:28.168Z"}');
insert into "audit_v3_1"."account_record" ("account_id", "partition", "seq") overriding system value values
('ada:jpy','0','10'),
('ada:jpy','0','1000012'),
('ada:main','0','1000004'),
('ada:main','0','1000005'),
('ada:main','0','1000009'),
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
('ben:main','0','11'),
('ben:main','0','16'),
('ben:main','0','19'),
('ben:main','0','22'),
('ben:main','0','25'),
('ben:main','0','28'),
('ben:main','0','29'),
('ben:main','0','30'),
('ben:main','0','32'),
('ben:main','0','38'),
('ben:usd','0','1000008'),
('ben:usd','0','12'),
('cash:eur','0','1'),
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
('cash:usd','0','1000013'),
('cash:usd','0','2'),
('cash:usd','0','34'),
('fees:eur','0','30'),
('fees:eur','0','5'),
('fees:usd','0','1000013'),
('fees:usd','0','6'),
('old:main','0','1000001'),
('old:main','0','1000002'),
('old:main','0','14'),
('old:main','0','36'),
('rent{linden}','0','13'),
('rent{linden}','0','30'),
('rent{linden}','0','39'),
('rent{linden}','0','42');
insert into "audit_v3_1"."record" ("partition", "log_offset", "kind", "reason", "epoch", "seq", "hash") overriding system value values
('0','0','genesis',null,null,null, E'\\x331b9c32c81dcafe40f820299ef30db9d90b8b560bfbb6ed53139aa2bbf74252'),
('0','1','claim',null,'1',null, E'\\xf1c39a18a4c08265abbe0f710f044b7dc24552a0da9a51d53c6d5b366b1da2d1'),
('0','10','commit',null,'1','9', E'\\xf65e3b9a5ccc4ed960b97122fb48bc4748d7a45acfd3f3c48382fb74923db403'),
('0','11','commit',null,'1','10', E'\\xf3743499c14bddb73d436f289e485095b3b1f8f56d6a9c3384cf84abde3e109f'),
('0','12','commit',null,'1','11', E'\\x8136ca3d145ed25b0dcc044bf6dd0fe1a507107ad3e70a18fcb0f288e3203755'),
('0','13','commit',null,'1','12', E'\\xa1e9e933560b9529ead5c7895ee993a0d43b6cc4f7a5502652797e506f6c4320'),
('0','14','commit',null,'1','13', E'\\x3434cf95ba8627b648d9bd15700d8892d50b2f18489562bcc904fbfe345dfb3e'),
('0','15','commit',null,'1','14', E'\\x13ba15f3f06026f7a87dc6c51344b5543cdec7afc9b1e3dc35d516cec5f76637'),
('0','16','commit',null,'1','15', E'\\x17b676d7a6592697152e161e36a02fe2c8c4a5213eb452546a1a9ccedf35355b'),
('0','17','commit',null,'1','16', E'\\xc8094e51fa58279627804fd2aaabf1fbdbcb0d9e83224a119dc450193c0b68b4'),
('0','18','commit',null,'1','17', E'\\x25f3b5064b33065d204797140c73c6a5ca03a6d8891d83a628a9c504e27fcd66'),
('0','19','commit',null,'1','18', E'\\x7fb5e3b77f9101c7fc429ebaa07b5e1a5ae830251bd4c984f9b76f855d3600bb'),
('0','2','commit',null,'1','1', E'\\x9d55b44794af3061d0acde1d57feacaf0410028535b4b6ab471310ead5ad4e4f'),
('0','20','commit',null,'1','19', E'\\x2a0065c031a13d2668c14ab63c50e68e1c163720f9b8bbaa501c1b82b1497bfa'),
('0','21','commit',null,'1','20', E'\\x004f645d7d8d8d4c8aaaee9da0f9bcbaf68b15bdb2c1ca4fc900c51b35ff08b2'),
('0','22','commit',null,'1','21', E'\\xa47d7a4ba28303ee74624eac8f1400e60dc9887f5574edb2a81409cfd1d8fa7b'),
('0','23','commit',null,'1','22', E'\\x51821c738927dc880f5c820a2add86e627fb6bbbf73f8bf9b968dbe69b7a1e50'),
('0','24','commit',null,'1','23', E'\\x871c8c09502f09b2a2238393968bd128db94d4d29e9b8433f7f7583a3f4253ad'),
('0','25','commit',null,'1','24', E'\\xbe550355a9347470d60e364a71b406ba2997dcd09511313f7e45ee59865660cb'),
('0','26','commit',null,'1','25', E'\\x7cee3bad439e6114f454c4fe818b528f0f2e08e854d4b921af4f3a27eec5b6e8'),
('0','27','commit',null,'1','26', E'\\xd992cef73039d41ec0db0dbbfb3ffcd0210a4851377ba9f05309e0cb2bda6aff'),
('0','28','commit',null,'1','27', E'\\xe3cf0234aaf47aaa8effdf4994f15dd89daf1a8d39e4e8d04b9c6a97e1057a3b'),
('0','29','commit',null,'1','28', E'\\xc8a6409ea46feeb02113b7525607a406f5bf947488ad1cc17df6bd6cd0c1c7ed'),
('0','3','commit',null,'1','2', E'\\x8e215653b19d1e5c307ae907faed11c4b53f4b7471b7da9dd22c519957da0c5f'),
('0','30','commit',null,'1','29', E'\\xa2e1f0ad66b0bd976d2d95211918d2a59d302c242e310f9cd27594e0f583a1d2'),
('0','31','commit',null,'1','30', E'\\x7108c7aefeadff3e76a934303123b6bc895470d63fc4392d509fdd7957a3576e'),
('0','32','commit',null,'1','31', E'\\xd2cd040dd84cd7765cf66efc7892da27d481231815c35d8945ff79e54ce15247'),
('0','33','commit',null,'1','32', E'\\x0cc3fcdaf23ef2aeb7abee9f5ca349ca4dc7e2d67882d4084fc5b270e6cc3b5c'),
('0','34','commit',null,'1','33', E'\\x06ad55979c4a7241f56053533b6fc6759f9b3dac1168b2d2aadc843e0ad27715'),
('0','35','commit',null,'1','34', E'\\x53c0e8b5e124a5d46edbed7f7cec446fe5be3b90d0a3ed716671c79cacc4cb3b'),
('0','36','commit',null,'1','35', E'\\xbec810c5770d840c172bc9488ce446d7223a9bca070e10fd265c39f9f699cf8f'),
('0','37','commit',null,'1','36', E'\\x1f31f60b1e90edfa6f7cd6656e1d7e0f78f351b57cea9dd99b0bb9cffab5d9dc'),
('0','38','commit',null,'1','37', E'\\x48781a015f32ad1c57ea7b9ce03c8ec4bd778407c63fe54f305c6d6542c5fcc6'),
('0','39','commit',null,'1','38', E'\\x75d4bc480cb1fb1c406efe21b1e28df644edb31efb8abe364fd5d7f89fb1b9c9'),
('0','4','commit',null,'1','3', E'\\xb2446fac33b97bc68dfc70029ba10a4cb800478d115063de5095650eeb8343f1'),
('0','40','commit',null,'1','39', E'\\xc8875d25d6eb87390e9c61e4c30f3815d0dae02977a549e24b5ae20fc9a99e3e'),
('0','41','commit',null,'1','40', E'\\x20b75ef49fa0ea62381c1709ea10c9abf223d7c505f2ce1de11fa8e3ff711654'),
('0','42','commit',null,'1','41', E'\\xc0c437af265dd25974861ff8582423805e6dd4c28d12ee80c028c7e9a703654b'),
('0','43','commit',null,'1','42', E'\\x654890ce5d43147533a0800b94e18469c8f91df371a2f4dfcb76543951fb6512'),
('0','44','void','unreadable_record',null,null, E'\\x061b84c984b5d228527fce7e24a01b09b7d4f9fddf59824a6d037f56a0f93526'),
('0','45','claim',null,'2',null, E'\\xbaf5be31c3c9ac43352359df731bab047fe6e936fdb2e12fdfd0b44fc0f75718'),
('0','46','claim',null,'3','1000000', E'\\x221af860c88fa9c7be269b0efcada60df6aac65d804930ab69b11b94c8be5017'),
('0','47','claim',null,'4',null, E'\\x20483ac5a29a9631bbbeeeae40ca5fda821973baaa764b7f89da0aa904c5e0f3'),
('0','48','void','stale_epoch','1','42', E'\\x3d22ba85173cd756f4eeaf9e982a9f9aea468312a1ae890b0b232d378e3164d7'),
('0','49','commit',null,'4','1000001', E'\\x410afec69ab113968a8d812424338f7f2d092e65776abadb37cccb482b5a06e2'),
('0','5','commit',null,'1','4', E'\\x6fa0ce07b6558a88068a2182b0025c4a2bddc32899afdaa3f5a9d814e8714a53'),
('0','50','commit',null,'4','1000002', E'\\xe6ded7e408dd534832e33b3b864743b64be2600797f943405ad8b6231a3226aa'),
('0','51','commit',null,'4','1000003', E'\\xa30a7952f2dd29669cd69085149e7b225d7aa2398e72eb1d9a7dac689d8ce61b'),
('0','52','commit',null,'4','1000004', E'\\x38f317bd69d3feee5e94d21a976bc4faa3ffc2972dd180d4d8f94440d5c6a57b'),
('0','53','commit',null,'4','1000005', E'\\xcdb888044e510824922e7d6985e32645f0f594bf5a685dc4527bc6d08fa25b2c'),
('0','54','commit',null,'4','1000006', E'\\xdcba1169acb0d8d4b124496d5213aea7e9f7dd6bfa9b39a1046056d05d850af4'),
('0','55','commit',null,'4','1000007', E'\\xff9ec2dbeb919b4eaa5d3044fb4f8736d842793f0213dab5d0a3c93bdf9ce5bf'),
('0','56','commit',null,'4','1000008', E'\\x200245cb952591b1b73f749241f4db3eca5ea65ec127a2d6466b110f88defd85'),
('0','57','commit',null,'4','1000009', E'\\x6a9eb36fd18b80f58f4068d73221882732debe09700e8ff8acfd7c65e7a5a8f2'),
('0','58','commit',null,'4','1000010', E'\\x908cc8883c3aafb152e3f48f65c1477738357a82bb31a302cc907a34926c97af'),
('0','59','commit',null,'4','1000011', E'\\x0b0cfcaa1a08977b3e81ac277eaf0dc2e7367dc3d245646f30cd63ca3957ae3e'),
('0','6','commit',null,'1','5', E'\\xcb9bbc899dcd00fba54e0dbe386af170a383d314b4bddc2371020858e5e59809'),
('0','60','commit',null,'4','1000012', E'\\x7079aadb798d970362a1c273e4514dae54d8346ba47cbda3c5cc35699c82875f'),
('0','61','commit',null,'4','1000013', E'\\xa9575afbd57ff67f0644549f8120a509dd3bface6dccf8e9afa1a1067e03b81e'),
('0','7','commit',null,'1','6', E'\\x7755b4403d861474e856d9606280409bfa35f636b671171f7d62e29aca3f41ab'),
('0','8','commit',null,'1','7', E'\\xa6a881174b38bb58e7bd9e4237e9be8229c072b7fb0daf5a87b8a524fc8a46b5'),
('0','9','commit',null,'1','8', E'\\xe0c0210ae1d3560a4268227f2a0c9944556528a0bcbc319d711001a658289fb4');
insert into "projection"."checkpoint" ("schema_name", "partition", "log_offset", "epoch", "claim_id", "seq", "hash", "genesis", "voids", "caught_up_at", "rate_per_second", "stopped", "fold") overriding system value values
('audit_v3_1','0','63','4','36SuA0NRnkxoyeEH_SjFlA','1000013','qVda-9V_9n8GRFSfgSClCd07-s5tzPjpr6GhBn4DuB4','{"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}','2','2026-11-29 16:55:53.792061+00','1.970571',null,'{"seq": 1000013, "hash": "qVda-9V_9n8GRFSfgSClCd07-s5tzPjpr6GhBn4DuB4", "epoch": 4, "voids": 2, "agedMs": 21016, "offset": "63", "claimId": "36SuA0NRnkxoyeEH_SjFlA", "genesis": {"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}, "claimedAt": "47", "countedAt": "61", "decidedAt": "2026-11-29T16:55:48.566Z", "partition": 0, "generation": 1, "seqAtClaim": 1000000, "epochBefore": 3, "previousHash": "cHmq23mNlwNiocJz5FFNrlTYNGukfL2jxcw1aZyCh18", "acceptedDecidedAt": "2026-11-29T16:55:28.168Z"}');
insert into "projection"."lease" ("name", "owner_id", "acquired_at", "expires_at", "session_until", "term", "tenant") overriding system value values
('projection audit/audit 0','vm-27175','2026-11-29 16:55:47.04661+00','-infinity',null,'4',null),
('rebuild audit/audit','vm-27175','2026-11-29 16:55:46.995933+00','-infinity',null,'3',null);
insert into "projection"."version" ("schema_name", "service", "name", "version", "state", "made_at", "switched_at") overriding system value values
('audit_v3_1','audit','audit','3','live','2026-11-29 16:55:25.925148+00',null);
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
