-- Input that could not be recorded, with the reason, kept until it can be.

create table runledger.quarantine (
  id          bigint      generated always as identity primary key,
  tenant_id   varchar     not null,
  sha256      bytea       not null,
  item        bytea       not null,
  source      varchar     not null,
  pointer     varchar     not null,
  field       varchar     not null,
  reason      varchar     not null,
  received_at timestamptz not null,
  retried_at  timestamptz null,
  recorded_at timestamptz null,
  constraint quarantine_item unique (tenant_id, sha256)
);

comment on column runledger.quarantine.item is 'the input exactly as it came';
comment on column runledger.quarantine.pointer is 'where in its batch or file it stood, e.g. line 17';
comment on column runledger.quarantine.recorded_at is 'when a retry recorded it; null while it waits';
