select
    claim_payment.file_key,
    claim_payment.claim_payment_index
from claim_payment
inner join npi
    on npi.npi = claim_payment.rendering_provider_npi
where not npi.has_check_digit
