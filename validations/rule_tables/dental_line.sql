-- Lines of dentists. Grain: file_key, claim_index, line_number; lines of others have no row.
-- `has_date`: the line or its claim tells the day of service, of begin of treatment, or an appliance was placed.
select
    raw.file_key,
    raw.claim_index,
    raw.line_index,
    raw.line_number,
    transaction_set.kind,
    coalesce(raw.procedure_code, '') as procedure_code,
    coalesce(raw.prosthesis_code, '') as prosthesis_code,
    raw.prior_placement_date,
    coalesce(claim.predetermination_code, '') as predetermination_code,
    coalesce(
        raw.service_date,
        claim.service_date,
        raw.treatment_begin_date,
        raw.appliance_placement_date,
        claim.appliance_placement_date
    ) is not null as has_date
from raw_service_lines as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
inner join raw_claims as claim
    on
        claim.file_key = raw.file_key
        and claim.claim_index = raw.claim_index
where transaction_set.kind = '837D'
