-- Token usage by hour, model, assistant and kind of run, written in the transaction that appends the events. Every run counts in exactly one
-- bucket: that of the hour in which it ended, or in which it was created while it has not ended.

create table runledger.usage_buckets (
  tenant_id         varchar     not null,
  hour              timestamptz not null,
  model             varchar     not null,
  assistant_id      varchar     not null,
  kind              varchar     not null,
  runs              bigint      not null,
  completed         bigint      not null,
  failed            bigint      not null,
  cancelled         bigint      not null,
  incomplete        bigint      not null,
  expired           bigint      not null,
  prompt_tokens     bigint      not null,
  completion_tokens bigint      not null,
  total_tokens      bigint      not null,
  cached_tokens     bigint      not null,
  reasoning_tokens  bigint      not null,
  constraint usage_buckets_pkey primary key (tenant_id, hour, model, assistant_id, kind)
) with (fillfactor = 50);

comment on column runledger.usage_buckets.model is 'empty for runs that name no model';
comment on column runledger.usage_buckets.assistant_id is 'empty for runs that name no assistant';
comment on column runledger.usage_buckets.kind is 'thread.run or response';
