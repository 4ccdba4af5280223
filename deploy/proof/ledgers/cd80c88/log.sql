set check_function_bodies to off;
create schema event_log;
create sequence public.lease_term as bigint;
create table event_log.partitions (
  partition integer not null,
  next_offset bigint default 0 not null
);
create table event_log.records (
  partition integer not null,
  "offset" bigint not null,
  key text not null,
  value bytea not null
);
create table public.lease (
  name text not null,
  owner_id text not null,
  acquired_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  session_until timestamp with time zone,
  term bigint,
  tenant text,
  said text
);
create table public.lease_notice (
  name text not null,
  owner_id text not null,
  text text not null,
  until timestamp with time zone not null
);
insert into "event_log"."partitions" ("partition", "next_offset") overriding system value values
('0','74');
insert into "public"."lease" ("name", "owner_id", "acquired_at", "expires_at", "session_until", "term", "tenant", "said") overriding system value values
('kept/partition/0','local','2026-11-30 10:07:33.151241+00','-infinity',null,'4',null,null),
('kept/worker/local','local','2026-11-30 10:07:33.096684+00','-infinity',null,'3',null,'{"url":"http://127.0.0.1:27993","ready":[],"leaving":true}');
select setval('public.lease_term', 4, 't');
alter table event_log.partitions add constraint partitions_next_offset_check CHECK ((next_offset >= 0));
alter table event_log.partitions add constraint partitions_pkey PRIMARY KEY (partition);
alter table event_log.records add constraint records_pkey PRIMARY KEY (partition, "offset");
alter table public.lease add constraint lease_pkey PRIMARY KEY (name);
alter table public.lease_notice add constraint lease_notice_pkey PRIMARY KEY (name, owner_id);
alter table event_log.records add constraint records_partition_fkey FOREIGN KEY (partition) REFERENCES event_log.partitions(partition);
