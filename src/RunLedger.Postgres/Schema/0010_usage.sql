-- Usage with a column for each dimension that it is kept by, named like the dimension, for whoever reads the ledger with SQL. Made anew with every
-- switch of usage; privileges stay, unless a dimension was taken away.

create function runledger.name_usage() returns void language plpgsql as $$
declare
  wanted varchar[] := (select dimensions from runledger.projections where name = 'usage');
  named text[] := (
    select coalesce(array_agg(case when octet_length(dimension) < 60 then dimension else format('%s_%s', left(dimension, 12), place) end order by place), '{}')
    from unnest(wanted) with ordinality as kept (dimension, place));
  there text[] := (
    select coalesce(array_agg(attname::text order by attnum), '{}') from pg_attribute
    where attrelid = to_regclass('runledger.usage') and attnum > 16 and not attisdropped);
begin
  if there <> named[1:cardinality(there)] then
    drop view runledger.usage;
  end if;
  execute
    'create or replace view runledger.usage as select tenant_id, hour, model, assistant_id, kind, runs, completed, failed, cancelled, incomplete, expired, '
    'prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens'
    || (select coalesce(string_agg(format(', dimensions[%s] as %I', place, name), '' order by place), '') from unnest(named) with ordinality as kept (name, place))
    || ' from runledger.usage_buckets where runs <> 0';
end $$;

select runledger.name_usage();
