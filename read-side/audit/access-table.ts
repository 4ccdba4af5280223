/**
 * What the table of accesses is made by, in order and in one transaction. Each statement may run again, and an older
 * table is brought to this shape without touching a row's own columns: PostgreSQL derives what a request names from the
 * URL as it came, for the rows that stand there, and for those that an older service still adds.
 */
export function statementsOfAccessTable(): readonly string[] {
  return [
    // Nobody waits in line behind what rewrites it for longer than a moment.
    `set local lock_timeout = '2s'`,
    `select pg_advisory_xact_lock(hashtextextended('audit access', 0))`,
    'create schema if not exists audit',
    `create table if not exists audit.access (
      id int8 generated always as identity primary key,
      at timestamptz not null default clock_timestamp(),
      tenant text not null,
      subject text not null,
      client text not null,
      request text not null
    )`,
    'create index if not exists access_of_tenant on audit.access (tenant, id)',
    decoded,
    named,
    // Asked for first, since even `add column if not exists` would wait until nobody reads the table.
    `do $$ begin
      if not exists (select from pg_attribute where attrelid = 'audit.access'::regclass and attname = 'asked') then
        alter table audit.access ${Object.entries(derived).map(columnOf).join(', ')};
      end if;
    end $$`,
    `create or replace function audit.refuse() returns trigger language plpgsql as $$
      begin raise exception 'the access log is append-only'; end $$`,
    `create or replace trigger access_append_only before update or delete or truncate on audit.access
      for each statement execute function audit.refuse()`,
  ]
}

/** All that is asked of the audit, as its routes are written: a stored request is told apart by them. */
export const askedRoutes = [
  '/v1/audit/accounts/:accountId/replay',
  '/v1/audit/payments/:paymentId',
  '/v1/audit/payments/:paymentId/steps',
  '/v1/audit/records/:partition/:seq',
  '/v1/audit/partitions/:partition/verify',
  '/v1/audit/verify',
  '/v1/audit/accesses',
] as const

/** What is derived of a request. The most name little of it, and where nothing is escaped that is seen at a glance. */
const derived = {
  method: `split_part(request, ' ', 1)`,
  route: `audit.named(request, 'route')`,
  account: namedIf(`strpos(request, '/accounts/') > 0`, 'account'),
  position: namedIf(`strpos(request, '/records/') > 0 or strpos(request, '/payments/') > 0`, 'position'),
  actor: `case when strpos(request, '?') > 0 then audit.named(request, 'actor') end`,
  asked: `case when request ~ '[%+#]' then audit.named(request, 'asked') else request end`,
} as const

function namedIf(isNamed: string, what: string): string {
  return `case when strpos(request, '%') > 0 or ${isNamed} then audit.named(request, '${what}') end`
}

function columnOf([name, expression]: readonly [string, string]): string {
  return `add column ${name} text generated always as (${expression}) stored`
}

/**
 * A text without its escapes, decoded once. What is no UTF-8, was cut off, or would be a control character stays as it
 * came. Only what is no ASCII needs the guard, which is dear.
 */
const decoded = `create or replace function audit.decoded(escaped text) returns text
  language plpgsql immutable strict parallel safe as $$
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
          if plain ~ '[\\u0001-\\u001f\\u007f-\\u009f]' then plain := run; end if;
        exception when others then plain := run;
        end;
      end if;
      whole := whole || plain;
    end loop;
    return whole;
  end $$`

/** A route as a pattern of its decoded paths, in SQL. */
function patternOf(route: string): string {
  return `'^${route.replaceAll(/:\w+/g, '([^/]+)')}$'`
}

/**
 * What a request (`GET /v1/audit/…`) names: the route, the account that is replayed, the position that is shown, the
 * actor whose uses are looked for, or all that is asked, decoded. Null where it names none.
 */
const named = `create or replace function audit.named(request text, what text) returns text
  language plpgsql immutable strict parallel safe as $$
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
        return case ${askedRoutes.map((route) => `when path ~ ${patternOf(route)} then '${route}'`).join(' ')} end;
      when 'account' then return substring(path from ${patternOf('/v1/audit/accounts/:accountId/replay')});
      when 'position' then
        part := coalesce(
          regexp_match(path, ${patternOf('/v1/audit/records/:partition/:seq')}),
          regexp_match(path, '^/v1/audit/payments/pay-([0-9]+)-([0-9]+)(?:/steps)?$'));
        if part is null then return null; end if;
        begin
          -- A service takes any way to write a number.
          return trim_scale(part[1]::numeric)::text || ':' || trim_scale(part[2]::numeric)::text;
        exception when others then return null;
        end;
    end case;
  end $$`
