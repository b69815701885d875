-- Codes of institutional claims that their lists do not have on the last day billed, where the lists cover it.
-- Grain: a code of a claim; `code_set` is the name of the list. Distinct codes are held against the lists, not every claim.
with sent as (
    select distinct
        'bill_type' as code_set,
        facility_type_code as code
    from institutional_claim
    where facility_type_code <> ''
    union all
    select distinct
        'bill_frequency' as code_set,
        claim_frequency_code as code
    from institutional_claim
    where claim_frequency_code <> ''
    union all
    select distinct
        'admission_type' as code_set,
        admission_type_code as code
    from institutional_claim
    where admission_type_code <> ''
    union all
    select distinct
        'admission_source' as code_set,
        admission_source_code as code
    from institutional_claim
    where admission_source_code <> ''
    union all
    select distinct
        'patient_status' as code_set,
        patient_status_code as code
    from institutional_claim
    where patient_status_code <> ''
),

listed as (
    select
        'bill_type' as code_set,
        code,
        valid_through
    from code_bill_type
    union all
    select
        'bill_frequency' as code_set,
        code,
        valid_through
    from code_bill_frequency
    union all
    select
        'admission_type' as code_set,
        code,
        valid_through
    from code_admission_type
    union all
    select
        'admission_source' as code_set,
        code,
        valid_through
    from code_admission_source
    union all
    select
        'patient_status' as code_set,
        code,
        valid_through
    from code_patient_status
),

wrong as (
    select
        sent.code_set,
        sent.code,
        covered.covers_from,
        covered.covers_through,
        coalesce(listed.valid_through, date '1900-01-01') as valid_through
    from sent
    inner join code_coverage as covered
        on covered.code_set = sent.code_set
    left join listed
        on
            listed.code_set = sent.code_set
            and listed.code = sent.code
    where coalesce(listed.valid_through, date '1900-01-01') < covered.covers_through
),

found as (
    select
        claim.file_key,
        claim.claim_index,
        claim.statement_end_date,
        wrong.code_set,
        wrong.covers_from,
        wrong.covers_through,
        wrong.valid_through
    from institutional_claim as claim
    inner join wrong
        on
            wrong.code_set = 'bill_type'
            and wrong.code = claim.facility_type_code
    union all
    select
        claim.file_key,
        claim.claim_index,
        claim.statement_end_date,
        wrong.code_set,
        wrong.covers_from,
        wrong.covers_through,
        wrong.valid_through
    from institutional_claim as claim
    inner join wrong
        on
            wrong.code_set = 'bill_frequency'
            and wrong.code = claim.claim_frequency_code
    union all
    select
        claim.file_key,
        claim.claim_index,
        claim.statement_end_date,
        wrong.code_set,
        wrong.covers_from,
        wrong.covers_through,
        wrong.valid_through
    from institutional_claim as claim
    inner join wrong
        on
            wrong.code_set = 'admission_type'
            and wrong.code = claim.admission_type_code
    union all
    select
        claim.file_key,
        claim.claim_index,
        claim.statement_end_date,
        wrong.code_set,
        wrong.covers_from,
        wrong.covers_through,
        wrong.valid_through
    from institutional_claim as claim
    inner join wrong
        on
            wrong.code_set = 'admission_source'
            and wrong.code = claim.admission_source_code
    union all
    select
        claim.file_key,
        claim.claim_index,
        claim.statement_end_date,
        wrong.code_set,
        wrong.covers_from,
        wrong.covers_through,
        wrong.valid_through
    from institutional_claim as claim
    inner join wrong
        on
            wrong.code_set = 'patient_status'
            and wrong.code = claim.patient_status_code
)

select
    found.file_key,
    found.claim_index,
    found.code_set
from found
where
    found.statement_end_date between found.covers_from and found.covers_through
    and found.statement_end_date > found.valid_through
