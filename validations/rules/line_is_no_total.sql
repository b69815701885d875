select
    institutional_line.file_key,
    institutional_line.claim_index,
    institutional_line.line_number
from institutional_line
where institutional_line.revenue_code = '0001'
