-- Marten's event tables, as Marten 9 creates them with string stream identity, conjoined tenancy, and correlation id, causation id and headers on.

create table runledger.mt_streams (
  tenant_id   varchar     not null default '*DEFAULT*',
  id          varchar     not null,
  type        varchar     null,
  version     bigint      null,
  timestamp   timestamptz not null default now(),
  created     timestamptz not null default now(),
  is_archived bool        null default false,
  constraint pkey_mt_streams_tenant_id_id primary key (tenant_id, id)
);

create table runledger.mt_events (
  seq_id         bigint       not null,
  id             uuid         not null,
  stream_id      varchar      null,
  version        bigint       not null,
  data           jsonb        not null,
  bdata          bytea        null,
  type           varchar(500) not null,
  timestamp      timestamptz  not null default now(),
  tenant_id      varchar      null default '*DEFAULT*',
  mt_dotnet_type varchar      null,
  correlation_id varchar      null,
  causation_id   varchar      null,
  headers        jsonb        null,
  is_archived    bool         null default false,
  constraint pkey_mt_events_seq_id primary key (seq_id),
  constraint fkey_mt_events_stream_id_tenant_id foreign key (tenant_id, stream_id) references runledger.mt_streams (tenant_id, id)
);

create unique index pk_mt_events_stream_and_version on runledger.mt_events using btree (tenant_id, stream_id, version);

create sequence runledger.mt_events_sequence;
alter sequence runledger.mt_events_sequence owned by runledger.mt_events.seq_id;

create table runledger.mt_event_progression (
  name         varchar     not null,
  last_seq_id  bigint      null,
  last_updated timestamptz null default transaction_timestamp(),
  constraint pk_mt_event_progression primary key (name)
);
