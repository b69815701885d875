select
    dental_line.file_key,
    dental_line.claim_index,
    dental_line.line_number
from dental_line
where
    dental_line.prosthesis_code = 'R'
    and dental_line.prior_placement_date is null
