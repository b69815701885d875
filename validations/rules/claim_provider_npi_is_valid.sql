select distinct
    claim_provider.file_key,
    claim_provider.claim_index
from claim_provider
inner join npi
    on npi.npi = claim_provider.identification
where
    claim_provider.identification_qualifier = 'XX'
    and claim_provider.loop_id not in ('2310A', '2310B', '2310C', '2420A')
    and not npi.has_check_digit
