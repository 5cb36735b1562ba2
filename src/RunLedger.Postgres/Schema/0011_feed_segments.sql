-- In which segments of 2,048 positions each tenant has events: a reader of one tenant's past passes over the others' by it, as Marten's tables may have no
-- index of ours. Filled behind the appends, whole segments at a time, once nothing can be committed in them any more.

create table runledger.feed_segments (
  tenant_id varchar not null,
  segment   bigint  not null,
  constraint feed_segments_pkey primary key (tenant_id, segment)
);

comment on column runledger.feed_segments.segment is 'that of the positions from segment * 2048 on';

create table runledger.feed_progress (
  only_row       bool   not null default true,
  indexed_before bigint not null,
  constraint feed_progress_pkey primary key (only_row),
  constraint feed_progress_is_one_row check (only_row)
);

comment on column runledger.feed_progress.indexed_before is 'the segments of all positions below are in feed_segments';

insert into runledger.feed_progress (indexed_before) values (0);
