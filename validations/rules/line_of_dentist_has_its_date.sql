select
    dental_line.file_key,
    dental_line.claim_index,
    dental_line.line_number
from dental_line
where
    not dental_line.has_date
    and dental_line.predetermination_code <> 'PB'
