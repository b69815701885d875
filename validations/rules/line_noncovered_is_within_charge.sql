select
    institutional_line.file_key,
    institutional_line.claim_index,
    institutional_line.line_number
from institutional_line
where
    institutional_line.noncovered_usd > institutional_line.charge_usd
    or institutional_line.noncovered_usd < 0
