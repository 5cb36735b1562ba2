-- When each view was last compared with all events, and what was found, so that of several hosts that do so from time to time one does.

alter table runledger.projections add column verified_at timestamptz null;
alter table runledger.projections add column differences bigint null;

comment on column runledger.projections.verified_at is 'when the last verification of the view began that was brought to an end; null if none was';
comment on column runledger.projections.differences is 'that it found, lost events included';
