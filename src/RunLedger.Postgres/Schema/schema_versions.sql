create schema if not exists runledger;

create table if not exists runledger.schema_versions (
  version    integer     not null primary key,
  name       varchar     not null,
  applied_at timestamptz not null default now()
);
