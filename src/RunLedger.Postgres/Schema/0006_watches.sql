-- The runs of upstreams that are polled until they end, and the threads whose runs are looked for. All times are those of this database's clock,
-- which is the one that hosts share.

create table runledger.watches (
  tenant_id    varchar     not null,
  upstream     varchar     not null,
  thread_id    varchar     not null,
  run_id       varchar     not null,
  next_poll_at timestamptz not null,
  pause        interval    not null,
  attempts     integer     not null,
  last_outcome varchar     null,
  last_error   varchar     null,
  listed_to    varchar     null,
  lease_owner  varchar     null,
  lease_until  timestamptz null,
  created_at   timestamptz not null,
  due_at       timestamptz not null generated always as (greatest(next_poll_at, lease_until)) stored,
  constraint watches_pkey primary key (tenant_id, upstream, thread_id, run_id)
) with (fillfactor = 70);

create index watches_due on runledger.watches (tenant_id, upstream, due_at);

comment on column runledger.watches.run_id is 'empty for the thread itself: its runs are listed, and those that have not ended are watched';
comment on column runledger.watches.pause is 'the pause before the next poll, from which the one after it follows';
comment on column runledger.watches.attempts is 'how many polls in a row failed in the way of last_outcome';
comment on column runledger.watches.listed_to is 'the newest run of the thread when it was last listed to its end';
comment on column runledger.watches.lease_owner is 'the host that polls it now; null if none does';
comment on column runledger.watches.due_at is 'when a host may take it: when it is to be polled, or when the lease of a host that died ends';
