-- The value of a dimension as usage is kept by it: what is longer than so many bytes is cut between two characters, and ends with an ellipsis and a digest of
-- the whole. DimensionValue.Bounded does the same for buckets.

create function runledger.dimension_value(value text, longest integer) returns text language sql immutable parallel safe as $$
  select case when octet_length(value) > longest then (
    select
      convert_from(substring(bytes for (select max(cut) from generate_series(longest - 22, longest - 19) as cut where get_byte(bytes, cut) & 192 <> 128)), 'UTF8')
      || chr(8230) || encode(substring(sha256(bytes) for 8), 'hex')
    from convert_to(value, 'UTF8') as bytes) else value end
$$;
