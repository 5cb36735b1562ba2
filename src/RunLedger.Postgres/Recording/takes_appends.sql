-- Whether this server takes appends: one that is a standby, or set to be read only, answers questions alone.
select current_setting('transaction_read_only') = 'off';
