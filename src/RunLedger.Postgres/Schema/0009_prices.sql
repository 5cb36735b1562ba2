-- What tokens cost, by model and time. Cost is computed when reporting, so that a corrected price corrects all reports.

create table runledger.prices (
  tenant_id            varchar     not null,
  model                varchar     not null,
  effective_from       timestamptz not null,
  prompt_per_token     numeric     not null,
  cached_per_token     numeric     not null,
  completion_per_token numeric     not null,
  source               varchar     not null,
  recorded_at          timestamptz not null,
  constraint prices_pkey primary key (tenant_id, model, effective_from)
);

comment on column runledger.prices.model is 'the model, or a pattern in which each * stands for any text';
comment on column runledger.prices.effective_from is 'the hour from which on the price holds';
comment on column runledger.prices.prompt_per_token is 'US dollars for an input token that was not read from a cache';
comment on column runledger.prices.cached_per_token is 'US dollars for an input token that was read from a cache';
comment on column runledger.prices.completion_per_token is 'US dollars for an output token, reasoning included';
