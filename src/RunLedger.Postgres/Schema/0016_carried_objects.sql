-- What operators have put upon the tables that a rebuild replaces: policies, privileges of columns and statistics are carried over to the new table; what
-- cannot be is named, and the rebuild refused.

-- What depends on a table and is not carried over by switch_view; by kinds of dependency (PostgreSQL manual, pg_depend): n keeps a table from being dropped.
create function runledger.uncarried(table_name varchar, kinds "char"[]) returns setof text language sql stable set search_path = pg_catalog as $$
  select distinct
    case when rule.ev_class <> replaced.oid then pg_describe_object('pg_class'::regclass, rule.ev_class, 0) else pg_describe_object(classid, objid, objsubid) end
  from pg_class as replaced
  join pg_type as of_row on of_row.oid = replaced.reltype
  join pg_depend on (refclassid = 'pg_class'::regclass and refobjid = replaced.oid) or (refclassid = 'pg_type'::regclass and refobjid in (of_row.oid, of_row.typarray))
  left join pg_rewrite as rule on classid = 'pg_rewrite'::regclass and rule.oid = objid
  left join pg_class as relation on relation.oid = case classid when 'pg_rewrite'::regclass then rule.ev_class when 'pg_class'::regclass then objid end
  where replaced.oid = to_regclass(format('runledger.%I', table_name)) and deptype = any(kinds)
    and case classid
      when 'pg_rewrite'::regclass then relation.oid = replaced.oid or relation.relkind <> 'v' or not pg_has_role(relation.relowner, 'usage')
      when 'pg_class'::regclass then relation.relkind <> 'i'
      when 'pg_attrdef'::regclass then not exists (select from pg_attrdef where oid = objid and adrelid = replaced.oid)
      when 'pg_constraint'::regclass then not exists (select from pg_constraint where oid = objid and conrelid = replaced.oid and contype in ('p', 'u', 'n'))
      when 'pg_policy'::regclass then not exists (select from pg_policy where oid = objid and polrelid = replaced.oid)
      when 'pg_statistic_ext'::regclass then not exists (select from pg_statistic_ext where oid = objid and stxrelid = replaced.oid)
      when 'pg_trigger'::regclass then not exists (select from pg_trigger where oid = objid and tgisinternal)
      else true
    end
$$;

-- Fails with SQLSTATE RL002 where a table that is to be replaced has what cannot be carried over, or one that was replaced cannot be dropped.
create function runledger.refuse_uncarried(runs boolean, usage boolean) returns void language plpgsql as $$
declare
  objects text := (
    select string_agg(object, ', ' order by object)
    from (
      select runledger.uncarried('run_views', '{n,a}') as object where runs
      union select runledger.uncarried('usage_buckets', '{n,a}') where usage
      union select runledger.uncarried('run_views_old', '{n}')
      union select runledger.uncarried('usage_buckets_old', '{n}')
    ) as uncarried);
begin
  if objects is not null then
    raise exception using errcode = 'RL002', message = format(
      'A rebuild replaces the tables of views, and cannot carry over: %s. Drop that, or have it depend on a plain view of the table, and rebuild again.', objects);
  end if;
end $$;

-- Puts a rebuilt table in the live one's place: it gets the names of the live table and its indexes, its owner, privileges, policies and statistics, and the
-- views that others have made upon it. The live one keeps its rows under the names with _old, to be dropped at leisure.
create or replace function runledger.switch_view(live_name varchar) returns void language plpgsql as $$
declare
  live regclass := format('runledger.%I', live_name);
  next regclass := format('runledger.%I', live_name || '_next');
  part record;
  statement text;
  dependants jsonb;
  policies text[];
  statistics text[];
begin
  execute format('lock table %s, %s in access exclusive mode', live, next);
  perform runledger.refuse_uncarried(live_name = 'run_views', live_name = 'usage_buckets');
  select coalesce(jsonb_agg(jsonb_build_object('name', oid::regclass::text, 'options', array_to_string(reloptions, ', '), 'query', pg_get_viewdef(oid))), '[]')
  into dependants
  from pg_class
  where relkind = 'v' and oid in (select ev_class from pg_depend join pg_rewrite on pg_rewrite.oid = objid where classid = 'pg_rewrite'::regclass and refobjid = live);
  select coalesce(array_agg(format(
    'create policy %I on runledger.%I as %s for %s to %s%s%s', polname, live_name,
    case when polpermissive then 'permissive' else 'restrictive' end,
    case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
    (select string_agg(case role when 0 then 'public' else role::regrole::text end, ', ') from unnest(polroles) as role),
    ' using (' || pg_get_expr(polqual, polrelid) || ')', ' with check (' || pg_get_expr(polwithcheck, polrelid) || ')')), '{}')
  into policies
  from pg_policy
  where polrelid = live;

  select relowner::regrole::text as owner, relrowsecurity, relforcerowsecurity into part from pg_class where oid = live;
  execute format('alter table %s owner to %s', next, part.owner);
  if part.relrowsecurity then execute format('alter table %s enable row level security', next); end if;
  if part.relforcerowsecurity then execute format('alter table %s force row level security', next); end if;

  -- What default privileges gave to the new table is no more than the live one's.
  for part in
    select distinct case grantee when 0 then 'public' else grantee::regrole::text end as grantee
    from pg_class, aclexplode(relacl) as granted
    where pg_class.oid = next and grantee <> relowner
  loop
    execute format('revoke all on %s from %s', next, part.grantee);
  end loop;
  for part in
    select '' as columns, case grantee when 0 then 'public' else grantee::regrole::text end as grantee, privilege_type, is_grantable
    from pg_class, aclexplode(relacl) as granted
    where pg_class.oid = live and grantee <> relowner
    union all
    select format(' (%I)', attname), case grantee when 0 then 'public' else grantee::regrole::text end, privilege_type, is_grantable
    from pg_attribute join pg_class on pg_class.oid = attrelid, aclexplode(attacl) as granted
    where attrelid = live and not attisdropped and grantee <> relowner
  loop
    execute format(
      'grant %s%s on %s to %s%s', part.privilege_type, part.columns, next, part.grantee, case when part.is_grantable then ' with grant option' end);
  end loop;

  select coalesce(array_agg(pg_get_statisticsobjdef(oid)), '{}') into statistics from pg_statistic_ext where stxrelid = live;
  for part in select stxnamespace::regnamespace::text as namespace, stxname as name from pg_statistic_ext where stxrelid = live loop
    execute format('drop statistics %s.%I', part.namespace, part.name);
  end loop;

  for part in select relname as name from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = live loop
    execute format('alter index runledger.%I rename to %I', part.name, part.name || '_old');
  end loop;
  execute format('alter table %s rename to %I', live, live_name || '_old');
  for part in select relname as name from pg_index join pg_class on pg_class.oid = indexrelid where indrelid = next loop
    execute format('alter index runledger.%I rename to %I', part.name, regexp_replace(part.name, '_next$', ''));
  end loop;
  execute format('alter table %s rename to %I', next, live_name);

  foreach statement in array policies || statistics loop
    execute statement;
  end loop;
  for part in select value ->> 'name' as name, value ->> 'options' as options, value ->> 'query' as query from jsonb_array_elements(dependants) loop
    execute format('create or replace view %s%s as %s', part.name, ' with (' || part.options || ')', part.query);
  end loop;
end $$;
