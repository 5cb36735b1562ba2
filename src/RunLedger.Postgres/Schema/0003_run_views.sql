-- One row a run, written in the transaction that appends its events.

create table runledger.run_views (
  tenant_id         varchar     not null,
  run_id            varchar     not null,
  kind              varchar     not null,
  thread_id         varchar     null,
  assistant_id      varchar     null,
  model             varchar     null,
  status            varchar     not null,
  created_at        timestamptz not null,
  started_at        timestamptz null,
  ended_at          timestamptz null,
  expires_at        timestamptz null,
  first_observed_at timestamptz not null,
  last_observed_at  timestamptz not null,
  version           bigint      not null,
  metadata          jsonb       null,
  error_code        varchar     null,
  error_message     varchar     null,
  incomplete_reason varchar     null,
  tool_calls        integer     not null,
  late_observations integer     not null,
  contradictions    integer     not null,
  prompt_tokens     bigint      null,
  completion_tokens bigint      null,
  total_tokens      bigint      null,
  cached_tokens     bigint      null,
  reasoning_tokens  bigint      null,
  constraint run_views_pkey primary key (tenant_id, run_id)
) with (fillfactor = 85);

create index run_views_by_creation on runledger.run_views (tenant_id, created_at, run_id);
create index run_views_by_thread on runledger.run_views (tenant_id, thread_id, created_at, run_id);

comment on column runledger.run_views.kind is 'thread.run or response';
comment on column runledger.run_views.thread_id is 'the thread of a run, the conversation of a response';
comment on column runledger.run_views.version is 'the version of the run''s event stream';
