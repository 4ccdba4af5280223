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
insert into "audit"."access" ("id", "at", "tenant", "subject", "client", "request") overriding system value values
('1','2026-11-29 14:27:31.433837+00','main','auditor:vera','vera','GET /v1/audit/accounts/ada:main/replay?limit=500'),
('2','2026-11-29 14:27:31.518572+00','main','auditor:vera','vera','GET /v1/audit/payments/pay-0-30'),
('3','2026-11-29 14:27:31.876357+00','main','auditor:vera','vera','GET /v1/audit/partitions/0/verify'),
('4','2026-11-29 14:27:32.002088+00','main','auditor:vera','vera','GET /v1/audit/accesses?limit=500');
insert into "audit_v3_1"."account_record" ("account_id", "partition", "seq") overriding system value values
('ada:jpy','0','10'),
('ada:jpy','0','54'),
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
('ada:main','0','46'),
('ada:main','0','47'),
('ada:main','0','51'),
('ada:main','0','7'),
('ada:savings','0','51'),
('ada:savings','0','8'),
('ada:usd','0','15'),
('ada:usd','0','52'),
('ada:usd','0','53'),
('ada:usd','0','9'),
('bank:house','0','4'),
('bank:house','0','46'),
('bank:house','0','47'),
('bank:house','0','48'),
('bank:house','0','49'),
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
('ben:main','0','45'),
('ben:main','0','48'),
('ben:usd','0','12'),
('ben:usd','0','50'),
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
('cash:jpy','0','3'),
('cash:jpy','0','54'),
('cash:usd','0','2'),
('cash:usd','0','34'),
('cash:usd','0','52'),
('cash:usd','0','53'),
('cash:usd','0','55'),
('fees:eur','0','30'),
('fees:eur','0','5'),
('fees:usd','0','55'),
('fees:usd','0','6'),
('old:main','0','14'),
('old:main','0','36'),
('old:main','0','43'),
('old:main','0','44'),
('rent{linden}','0','13'),
('rent{linden}','0','30'),
('rent{linden}','0','39'),
('rent{linden}','0','42');
insert into "audit_v3_1"."record" ("partition", "log_offset", "kind", "reason", "epoch", "seq", "hash") overriding system value values
('0','0','genesis',null,null,null, E'\\x034869118414b4c0baa359a0a52e8a600c48bfef6249e7f7a248c8bf5410a374'),
('0','1','claim',null,'1',null, E'\\x9ffaf11d6ce5e666e132cf57d73a5fc3a54d9076e2f01559e00ad2ade66cdc89'),
('0','10','commit',null,'1','9', E'\\xeac99f9f08839e8e893bd30386194ee80acedc3364bbf4feec1b5d56b64216b1'),
('0','11','commit',null,'1','10', E'\\x3d9e77d5273604095c276764bf140913b08a51912a2207e9f0aec671fd752114'),
('0','12','commit',null,'1','11', E'\\x9614071f1c7f003e330557f6ac510fe87321d5cd7e38da43ec242322a9bfece8'),
('0','13','commit',null,'1','12', E'\\x3bd64b0368d063bb3754c37b2d0fc247522d42222c432cb477a0854ab69ca4cc'),
('0','14','commit',null,'1','13', E'\\xe3673229623509a1bf52d6bb54d8da853df6ed03f4f2be4cedff4428c56f0c57'),
('0','15','commit',null,'1','14', E'\\x74a8c972a195cce1adf2679b3f2eabed86a9bf7612bd22a7d4d0540f6d75a4a2'),
('0','16','commit',null,'1','15', E'\\xf40732359c3915c090049189574054059481a76b6689faaa5e91b7dffaf31b3f'),
('0','17','commit',null,'1','16', E'\\xb9135b1834c5bd7885183c021f162235fb265502c52987228952fe827069b964'),
('0','18','commit',null,'1','17', E'\\xe6de1589e99ccb9206eca8bd5ff6d31d58072526e831695680e24eb69a3c2fb4'),
('0','19','commit',null,'1','18', E'\\x89314b9ef1bbf963355af8338eb2912c0e52d804aeac8749787df85437d33fed'),
('0','2','commit',null,'1','1', E'\\xf72cf2800144d288a42bfb2949e0d2e38cbe4813a89bef35926832f84b1562a5'),
('0','20','commit',null,'1','19', E'\\x766e063041938ff9d9af486dd6e98e7d8207567cabe8d92d3f29f634c9c801b5'),
('0','21','commit',null,'1','20', E'\\xb23b57bf3f9ab7d2c5435a982b27a0ccde3b1b50c26ef75c62392c80ed2ba6d9'),
('0','22','commit',null,'1','21', E'\\xbf7b72cd866b7f45f68586e094a83cbfd7651afd2a4c5abfe92d32c30aae741a'),
('0','23','commit',null,'1','22', E'\\xb8a7ab6d57dfe5e4d5921ba0caa53886caee28cd1c1f5d99f623f08c53f4dccd'),
('0','24','commit',null,'1','23', E'\\x8959fc71a373fc8459879f44629bdc788beda3b419fe2574a7108391b7cb62a6'),
('0','25','commit',null,'1','24', E'\\xca817753a1bd6cc550e104b46f51b7d850c431a3c4e49a9fc991ae70f9a10a36'),
('0','26','commit',null,'1','25', E'\\x4f7a5bc429f2121e43d78644755f24fbdb51fcc28c6fbe8aa737f3e281793fb7'),
('0','27','commit',null,'1','26', E'\\xbf35b1b4562b4968295805b178dc00c1db976bf34d91f878f291a54cd02c4127'),
('0','28','commit',null,'1','27', E'\\x10b811a6ccca24b1039ca3eea14f3918eb7de961e053bd91074ec01618b68d4f'),
('0','29','commit',null,'1','28', E'\\x63922dcbca9c4fa5d7c286d04f89634b52e7ffc7ff75ddad7cf7a8a47a6a9a7f'),
('0','3','commit',null,'1','2', E'\\xa0bb77264e8591d04cab30b6026329c7b0dd8c9dc294e2df5875ac988a0ecb8b'),
('0','30','commit',null,'1','29', E'\\x272cbb1bef2119bb4fff0aa8a1080f78ce9007103834e6a6831dc2818f87ee8b'),
('0','31','commit',null,'1','30', E'\\xcc93f7c4e6dd06b4cb8d854c0efa5825ccb8e319eeb152e5ae5e02a53f27ac93'),
('0','32','commit',null,'1','31', E'\\xb57e491153c9abb7b30818643d3d4cfdd463d9c9c237abebfa31a7b4b47fca66'),
('0','33','commit',null,'1','32', E'\\xbfa339b3f6cb26a2f6efeee73dcb10186e43f36b74c97aee6f2161435f3e52a0'),
('0','34','commit',null,'1','33', E'\\xab1d631825261953474254ea4459a6cedac8bc60284183a2810b33aa2a740b9e'),
('0','35','commit',null,'1','34', E'\\x8caa2d154175014683474e8ad577a9d1ec2de4c4559bb7982a40f1c7c9f41015'),
('0','36','commit',null,'1','35', E'\\x56711128851fca2448090d1ca2410b1244cebf6ff730dc9c654ad164b9e59520'),
('0','37','commit',null,'1','36', E'\\xcd73e2b34c33551d1744146203eee2a667311eebd8d73b559ee32d731a703a80'),
('0','38','commit',null,'1','37', E'\\x9f4061ff9a7862539f94c6ea0b5038400f249ffb6b4050d0b331b784edd49808'),
('0','39','commit',null,'1','38', E'\\x38fb297b0a3c391b2c8b0832d698bc98daacc6dd048b781a8f54c0ebaca24739'),
('0','4','commit',null,'1','3', E'\\x5fae4bcd22aadc7d368f9b8d3b4f82b717819e3b33543b804f9f03b04a46cab3'),
('0','40','commit',null,'1','39', E'\\x5f205df99ceb737a81ce2c28f3aae5168a9cc873ce47f7f71b0de3592be746a9'),
('0','41','commit',null,'1','40', E'\\x986f2d0de0b6ed441e1af7f288c4bb96119e54ba24179d3a7e82046c683f2eef'),
('0','42','commit',null,'1','41', E'\\xa85055e9a4e34920ec68c1b2b7c9dc7c184c0f270c3b426bcc0ed00114259fb0'),
('0','43','commit',null,'1','42', E'\\x1f08128d34ef6ea9c7eb097e5e856ad8268546e0be85c41e55fb9262886831f2'),
('0','44','claim',null,'2',null, E'\\x06616ecda755f0801bfca81d55a2a61726e851a5e6cec5997cc863ecf86f13ec'),
('0','45','void','stale_epoch','1','42', E'\\x221fb54443ff2063c8e4501b93f3559b41495548cc137f115743749a8aa8a382'),
('0','46','commit',null,'2','43', E'\\x4d60c549e2a9d589bca705e4d60ed28d609a13599266b4b638d842564f6620c9'),
('0','47','commit',null,'2','44', E'\\x010270aae69ddeb0aa04b6ca2f127c4f425e017744bc5d1651c7db3ebbb19406'),
('0','48','commit',null,'2','45', E'\\x998a8ae2ec0004c512138202bdcf069f28aec8b337116fc6a90a247f32de8002'),
('0','49','commit',null,'2','46', E'\\xa16990f66946cfe3c86b0502e76e5e64efb25e10af2930de2daa3816bb95a730'),
('0','5','commit',null,'1','4', E'\\x9fdeb80a6eac17ac041bd906eb5f36d06be2a8ee45ec3ad4bd0cf6eca7044dee'),
('0','50','commit',null,'2','47', E'\\x87461ef5862fa682fa335aef6c2890b1bd9bd8f873f2e769ef6186f1f9229d0f'),
('0','51','commit',null,'2','48', E'\\x42d005ea42a689f226a9f967f3b7a8dab2edd3df174a63e3b6f1f34ee4162101'),
('0','52','commit',null,'2','49', E'\\x2eceb34d25edd47cac1fe70edd89c20ccbfed72048dce1949516363143221077'),
('0','53','commit',null,'2','50', E'\\xe2e6b972e1aa3f1a59e6559b86a32ee95721b03280ccff0cd620034ef0220d87'),
('0','54','commit',null,'2','51', E'\\xe71b2b4f8412b47731c0ca007a24095382c07e50ca7a55d9d0f5b0f99cf84be1'),
('0','55','commit',null,'2','52', E'\\x71aaeed9edb6d955f8416fe644ea4a58448ed865679e212df9463926576157f6'),
('0','56','commit',null,'2','53', E'\\x2de615a1eecdc23b43d85fbc670848e3b31ea195845fba96b0b394cdb8ec42f5'),
('0','57','commit',null,'2','54', E'\\xe8828219c1d4c07fcd11c7cdac61b8d251c7512425cd697f2dec00e926a231de'),
('0','58','commit',null,'2','55', E'\\x7f0470dbf895b379bf8e05b48630d2f9ee79816a21e44fe3a240e5cb73535604'),
('0','6','commit',null,'1','5', E'\\x9340ddc26db25e06cbe2e97303ecee9721eb6dec0ff2e1a483880c91960dbd25'),
('0','7','commit',null,'1','6', E'\\x3bf4539c8f574b07e84d539ae98aac9132b15deab070f64b10cd533b232920f9'),
('0','8','commit',null,'1','7', E'\\xc99498a083accbec6f290b8521998faec84517dd6e77a283c5d855b3d6fe189e'),
('0','9','commit',null,'1','8', E'\\x7e3246ffd8a3d45cc9134f03970a7c186e0aac6d5cee35b588d6bcd9f1139bd9');
insert into "projection"."checkpoint" ("schema_name", "partition", "log_offset", "epoch", "claim_id", "seq", "hash", "genesis", "voids", "caught_up_at", "rate_per_second", "stopped") overriding system value values
('audit_v3_1','0','60','2','MD_qA4kvNLBX2H1r1-KGOQ','55','fwRw2_iVs3m_jgW0hjDS-e55gWoh5E_jokDly3NTVgQ','{"hash": "sha-256", "ledgerId": "kept", "partition": 0, "placement": "hash-tag/crc16-xmodem/modulo", "partitions": 1}','1','2026-11-29 14:27:31.939157+00','1.3',null);
insert into "projection"."version" ("schema_name", "service", "name", "version", "state", "made_at", "switched_at") overriding system value values
('audit_v3_1','audit','audit','3','live','2026-11-29 14:26:58.462149+00',null);
select setval('audit.access_id_seq', 4, 't');
select setval('projection.generation', 1, 't');
alter table audit.access add constraint access_pkey PRIMARY KEY (id);
alter table audit_v3_1.record add constraint record_pkey PRIMARY KEY (partition, log_offset);
alter table projection.checkpoint add constraint checkpoint_pkey PRIMARY KEY (schema_name, partition);
alter table projection.version add constraint version_pkey PRIMARY KEY (schema_name);
alter table projection.version add constraint version_state_check CHECK ((state = ANY (ARRAY['live'::text, 'building'::text, 'retired'::text])));
alter table projection.checkpoint add constraint checkpoint_schema_name_fkey FOREIGN KEY (schema_name) REFERENCES projection.version(schema_name) ON DELETE CASCADE;
CREATE INDEX access_of_tenant ON audit.access USING btree (tenant, id);
CREATE UNIQUE INDEX account_record_place ON audit_v3_1.account_record USING btree (account_id, partition, seq);
CREATE UNIQUE INDEX record_claim ON audit_v3_1.record USING btree (partition, epoch) WHERE (kind = 'claim'::text);
CREATE UNIQUE INDEX record_commit ON audit_v3_1.record USING btree (partition, seq) WHERE (kind = 'commit'::text);
CREATE INDEX record_void ON audit_v3_1.record USING btree (partition, seq) WHERE (kind = 'void'::text);
CREATE UNIQUE INDEX version_one_building ON projection.version USING btree (service, name) WHERE (state = 'building'::text);
CREATE UNIQUE INDEX version_one_live ON projection.version USING btree (service, name) WHERE (state = 'live'::text);
CREATE TRIGGER access_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.access FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();
