-- The hash trees over the tenants' events (RFC 9162, section 2.1), as far as they have been sealed, in tiles: 256 hashes of one level each, the last one of a
-- level as many as there are. Level 0 has the hashes of events, in the order of their positions; level n has one hash for each full tile of level n - 1. All of it
-- can be made anew from the events: what proves something is a checkpoint that is kept elsewhere.

create table runledger.audit_tiles (
  tenant_id     varchar  not null,
  level         smallint not null,
  tile          bigint   not null,
  hashes        bytea    not null,
  last_position bigint   null,
  constraint audit_tiles_pkey primary key (tenant_id, level, tile)
);

-- Hashes cannot be compressed.
alter table runledger.audit_tiles alter column hashes set storage external;

create index audit_tiles_by_position on runledger.audit_tiles using btree (tenant_id, last_position) where level = 0;

comment on column runledger.audit_tiles.tile is 'that of the level''s hashes from tile * 256 on';
comment on column runledger.audit_tiles.last_position is 'the position of the last event in a tile of level 0';
