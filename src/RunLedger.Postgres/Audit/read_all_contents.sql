select sha256, content
from runledger.contents
where tenant_id = $1;
