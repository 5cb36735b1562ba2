-- COPY takes no parameters: its bounds are settings of the session.
select set_config('runledger.after', $1::text, false), set_config('runledger.up_to', $2::text, false);
