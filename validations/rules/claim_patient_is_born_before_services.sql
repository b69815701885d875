select
    claim.file_key,
    claim.claim_index
from claim
inner join line_total
    on
        line_total.file_key = claim.file_key
        and line_total.claim_index = claim.claim_index
where
    case when claim.has_patient then claim.patient_birth_date else claim.subscriber_birth_date end
    > line_total.last_date
