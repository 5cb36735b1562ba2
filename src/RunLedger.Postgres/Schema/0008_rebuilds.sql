-- Views that are being rebuilt, beside those that are read. A rebuild reads the events in the order of their positions, in several ranges at once;
-- how far each is, is kept here together with what it has written, so that a rebuild that was interrupted goes on from there.

create table runledger.rebuilds (
  id            bigint      generated always as identity primary key,
  runs          boolean     not null,
  usage         boolean     not null,
  runs_version  integer     not null,
  usage_version integer     not null,
  dimensions    varchar[]   not null,
  phase         varchar     not null,
  attempt       integer     not null default 1,
  position      bigint      not null,
  started_at    timestamptz not null default clock_timestamp(),
  attempted_at  timestamptz not null default clock_timestamp(),
  updated_at    timestamptz not null default clock_timestamp(),
  ended_at      timestamptz null,
  failure       varchar     null
);

create unique index rebuilds_one_at_a_time on runledger.rebuilds ((true)) where ended_at is null;

comment on column runledger.rebuilds.runs is 'whether run_views is rebuilt';
comment on column runledger.rebuilds.usage is 'whether usage_buckets is rebuilt';
comment on column runledger.rebuilds.phase is 'copying, indexing, catching_up, switched or abandoned';
comment on column runledger.rebuilds.attempt is 'goes up whenever somebody takes the rebuild over; who has another number writes no more';
comment on column runledger.rebuilds.position is 'the position up to which the new tables, together with rebuild_pending, tell of all events';

create table runledger.rebuild_ranges (
  rebuild_id     bigint  not null references runledger.rebuilds (id) on delete cascade,
  number         integer not null,
  after          bigint  not null,
  up_to          bigint  not null,
  position       bigint  not null,
  events         bigint  not null default 0,
  attempt_events bigint  not null default 0,
  constraint rebuild_ranges_pkey primary key (rebuild_id, number)
);

comment on column runledger.rebuild_ranges.position is 'how far the range is read';
comment on column runledger.rebuild_ranges.attempt_events is 'the events read since the rebuild was last taken over';

-- Runs whose state a range had in memory at its position: with that gone, they are recomputed.
create table runledger.rebuild_open (
  number    integer not null,
  tenant_id varchar not null,
  run_id    varchar not null
);

-- Runs of which more events came after their row was written, as often as that was seen.
create table runledger.rebuild_seen (
  tenant_id varchar not null,
  run_id    varchar not null,
  version   bigint  not null
);

-- Runs to be recomputed from all of their events.
create table runledger.rebuild_pending (
  tenant_id varchar not null,
  run_id    varchar not null,
  version   bigint  not null,
  constraint rebuild_pending_pkey primary key (tenant_id, run_id)
);

comment on column runledger.rebuild_pending.version is 'the version at which the run stands in the new tables; 0 if it does not';

-- Sums of usage on their way into the new buckets.
create table runledger.rebuild_usage (like runledger.usage_buckets);

-- Gives a rebuilt table the indexes of the live one, those that others added too; each has the live one's name and _next.
create function runledger.index_next(live regclass, next regclass) returns void language plpgsql as $$
declare
  index record;
begin
  for index in
    select class.relname as name, pg_get_indexdef(class.oid) as definition, contype is not null as is_key
    from pg_index join pg_class as class on class.oid = indexrelid left join pg_constraint on conindid = indexrelid and contype = 'p'
    where indrelid = live and not exists (
      select from pg_index as built join pg_class as done on done.oid = built.indexrelid
      where built.indrelid = next and done.relname = class.relname || '_next')
    order by class.relname
  loop
    execute regexp_replace(index.definition, '^(CREATE (?:UNIQUE )?INDEX) .*? USING ', format('\1 %I ON %s USING ', index.name || '_next', next));
    if index.is_key then
      execute format('alter table %s add constraint %I primary key using index %I', next, index.name || '_next', index.name || '_next');
    end if;
  end loop;
end $$;

-- Puts a rebuilt table in the live one's place: it gets the names of the live table and its indexes, its privileges, and the views that others have
-- made upon it. The live one keeps its rows under the names with _old, to be dropped at leisure.
create function runledger.switch_view(live_name varchar) returns void language plpgsql as $$
declare
  live regclass := format('runledger.%I', live_name);
  next regclass := format('runledger.%I', live_name || '_next');
  part record;
  dependants jsonb;
begin
  execute format('lock table %s, %s in access exclusive mode', live, next);
  select coalesce(jsonb_agg(jsonb_build_object('name', oid::regclass::text, 'options', array_to_string(reloptions, ', '), 'query', pg_get_viewdef(oid))), '[]')
  into dependants
  from pg_class
  where relkind = 'v' and oid in (select ev_class from pg_depend join pg_rewrite on pg_rewrite.oid = objid where classid = 'pg_rewrite'::regclass and refobjid = live);

  for part in
    select case grantee when 0 then 'public' else grantee::regrole::text end as grantee, privilege_type, is_grantable
    from pg_class, aclexplode(relacl) as granted
    where pg_class.oid = live and grantee <> relowner
  loop
    execute format('grant %s on %s to %s%s', part.privilege_type, next, part.grantee, case when part.is_grantable then ' with grant option' end);
  end loop;

  for part in select relname as name from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = live loop
    execute format('alter index runledger.%I rename to %I', part.name, part.name || '_old');
  end loop;
  execute format('alter table %s rename to %I', live, live_name || '_old');
  for part in select relname as name from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = next loop
    execute format('alter index runledger.%I rename to %I', part.name, regexp_replace(part.name, '_next$', ''));
  end loop;
  execute format('alter table %s rename to %I', next, live_name);

  for part in select value ->> 'name' as name, value ->> 'options' as options, value ->> 'query' as query from jsonb_array_elements(dependants) loop
    execute format('create or replace view %s%s as %s', part.name, ' with (' || part.options || ')', part.query);
  end loop;
end $$;
