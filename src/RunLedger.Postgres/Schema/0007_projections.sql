-- What the rows of each view are derived by: the version of the code, and for usage the dimensions that the settings name. Rebuilding a view by
-- another definition changes both at once: the table and the row here.

create table runledger.projections (
  name       varchar     not null,
  version    integer     not null,
  dimensions varchar[]   not null default '{}',
  rebuilt_at timestamptz null,
  constraint projections_pkey primary key (name)
);

comment on column runledger.projections.dimensions is 'what usage is kept by beside hour, model, assistant and kind, in the order of usage_buckets.dimensions';
comment on column runledger.projections.rebuilt_at is 'when the view was last rebuilt; null if never';

insert into runledger.projections (name, version) values ('runs', 1), ('usage', 1);

-- Changes whenever a definition does. A program that writes views by other definitions than these is refused.
create table runledger.view_epoch (
  epoch bigint not null primary key
);

insert into runledger.view_epoch values (1);

create function runledger.refuse_views() returns boolean language plpgsql as $$
begin
  raise exception 'the views of this ledger are derived by other definitions than those of this statement' using errcode = 'RL001';
end $$;

alter table runledger.run_views add column tool_names varchar null;
comment on column runledger.run_views.tool_names is 'the tools that were called, in order, with commas between; null in rows of version 1';

alter table runledger.usage_buckets add column dimensions varchar[] not null default '{}';
alter table runledger.usage_buckets drop constraint usage_buckets_pkey;
alter table runledger.usage_buckets
  add constraint usage_buckets_pkey primary key (tenant_id, hour, model, assistant_id, kind, dimensions);
comment on column runledger.usage_buckets.dimensions is 'the values of the dimensions that the row of this view in projections names; empty for runs without';
