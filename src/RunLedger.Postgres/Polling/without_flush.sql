-- The statements of this transaction are not waited for to be on disk: what a crash forgets is polled once more.
select set_config('synchronous_commit', 'off', true);
