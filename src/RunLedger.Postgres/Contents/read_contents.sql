select sha256, content
from runledger.contents
where tenant_id = $1 and sha256 = any ($2);
