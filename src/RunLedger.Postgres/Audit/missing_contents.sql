select named.sha256
from unnest($2) as named (sha256)
where not exists (select from runledger.contents as content where content.tenant_id = $1 and content.sha256 = named.sha256);
