select
    institutional_line.file_key,
    institutional_line.claim_index,
    institutional_line.line_number
from institutional_line
inner join institutional_claim
    on
        institutional_claim.file_key = institutional_line.file_key
        and institutional_claim.claim_index = institutional_line.claim_index
where
    institutional_claim.is_outpatient
    and institutional_claim.statement_begin_date < institutional_claim.statement_end_date
    and institutional_line.service_date is null
    and institutional_line.drug_code = ''
