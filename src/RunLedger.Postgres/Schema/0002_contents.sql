-- Large values that repeat (instructions, tools, outputs), once per tenant and content. Events name them by digest.

create table runledger.contents (
  tenant_id varchar not null,
  sha256    bytea   not null,
  content   bytea   not null,
  constraint contents_pkey primary key (tenant_id, sha256)
);

comment on column runledger.contents.sha256 is 'the SHA-256 of content';
comment on column runledger.contents.content is 'JSON text in UTF-8, exactly as observed but for white space between tokens';
