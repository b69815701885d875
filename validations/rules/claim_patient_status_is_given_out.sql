-- A list is silent on days it does not cover.
with sent as (
    select distinct patient_status_code as code
    from institutional_claim
    where patient_status_code <> ''
),

wrong as (
    select sent.code
    from sent
    left join code_patient_status as known
        on known.code = sent.code
    where known.code is null
)

select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
inner join wrong
    on wrong.code = institutional_claim.patient_status_code
cross join code_coverage as covered
where
    covered.code_set = 'patient_status'
    and institutional_claim.statement_end_date between covered.covers_from and covered.covers_through
