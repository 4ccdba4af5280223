create table s.record (partition int not null, log_offset int8 not null, kind text collate "C" not null, reason
  text, epoch int8, seq int8, hash bytea not null, primary key (partition, log_offset));
create unique index record_commit on s.record (partition, seq) where kind = 'commit';
create table s.account_record (account_id text collate "C" not null, partition int not null, seq int8 not null);
-- after loading
create unique index account_record_place on s.account_record (account_id, partition, seq);
create index record_void on s.record (partition, seq) where kind = 'void';
create unique index record_claim on s.record (partition, epoch) where kind = 'claim';
