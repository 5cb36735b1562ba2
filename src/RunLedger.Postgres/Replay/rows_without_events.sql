-- Rows of runs of which there is no stream, and events of none.
select 'row', tenant_id, run_id from runledger.run_views as view
where not exists (select from runledger.mt_streams as stream where stream.tenant_id = view.tenant_id and stream.id = view.run_id)
union all
select distinct 'events', tenant_id, stream_id from runledger.mt_events as event
where not exists (select from runledger.mt_streams as stream where stream.tenant_id = event.tenant_id and stream.id = event.stream_id);
