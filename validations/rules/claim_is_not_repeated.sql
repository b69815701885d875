-- The second and later of claims of one file that are alike in every field and line that decides
-- money. Equal claims of different files are decided, and denied as duplicates, later.
with repeated as (
    select
        file_key,
        claim_index,
        count(*) over same_claim as claim_count,
        min(claim_index) over same_claim as first_index
    from claim
    window same_claim as (
        partition by
            file_key,
            patient_control_number,
            subscriber_member_id,
            patient_first_name,
            patient_birth_date,
            billing_provider_npi,
            charge_usd,
            claim_frequency_code,
            original_claim_number
    )
),

candidate as (
    select
        file_key,
        claim_index,
        first_index
    from repeated
    where claim_count > 1
),

line_text as (
    select
        candidate.file_key,
        candidate.claim_index,
        candidate.first_index,
        string_agg(
            concat_ws(
                '*',
                service_line.procedure_code,
                service_line.modifiers,
                service_line.charge_usd,
                service_line.unit_count,
                service_line.place_of_service_code,
                service_line.service_date,
                service_line.service_end_date
            ),
            '|' order by service_line.line_number
        ) as lines
    from candidate
    inner join service_line
        on
            service_line.file_key = candidate.file_key
            and service_line.claim_index = candidate.claim_index
    group by candidate.file_key, candidate.claim_index, candidate.first_index
)

select
    line_text.file_key,
    line_text.claim_index
from line_text
qualify row_number() over (
    partition by line_text.file_key, line_text.first_index, line_text.lines
    order by line_text.claim_index
) > 1
