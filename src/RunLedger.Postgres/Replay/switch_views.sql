-- A reader that holds a view for long makes this attempt fail, so that nobody else waits behind it.
select
  set_config('lock_timeout', '200ms', true),
  case when $1 then runledger.switch_view('run_views') end,
  case when $2 then runledger.switch_view('usage_buckets') end;
