-- Codes of institutional claims that their lists do not have, on days the lists cover. Grain: a code of a
-- claim; `code_set` is the name of the list. Distinct codes are held against the lists, not every claim.
with told as (
    select
        file_key,
        claim_index,
        statement_end_date,
        'bill_type' as code_set,
        facility_type_code as code
    from institutional_claim
    where facility_type_code <> ''
    union all
    select
        file_key,
        claim_index,
        statement_end_date,
        'bill_frequency' as code_set,
        claim_frequency_code as code
    from institutional_claim
    where claim_frequency_code <> ''
    union all
    select
        file_key,
        claim_index,
        statement_end_date,
        'admission_type' as code_set,
        admission_type_code as code
    from institutional_claim
    where admission_type_code <> ''
    union all
    select
        file_key,
        claim_index,
        statement_end_date,
        'admission_source' as code_set,
        admission_source_code as code
    from institutional_claim
    where admission_source_code <> ''
    union all
    select
        file_key,
        claim_index,
        statement_end_date,
        'patient_status' as code_set,
        patient_status_code as code
    from institutional_claim
    where patient_status_code <> ''
),

listed as (
    select
        'bill_type' as code_set,
        code
    from code_bill_type
    union all
    select
        'bill_frequency' as code_set,
        code
    from code_bill_frequency
    union all
    select
        'admission_type' as code_set,
        code
    from code_admission_type
    union all
    select
        'admission_source' as code_set,
        code
    from code_admission_source
    union all
    select
        'patient_status' as code_set,
        code
    from code_patient_status
),

sent as (
    select distinct
        code_set,
        code
    from told
),

wrong as (
    select
        sent.code_set,
        sent.code,
        covered.covers_from,
        covered.covers_through
    from sent
    inner join code_coverage as covered
        on covered.code_set = sent.code_set
    left join listed
        on
            listed.code_set = sent.code_set
            and listed.code = sent.code
    where listed.code is null
)

select
    told.file_key,
    told.claim_index,
    told.code_set
from told
inner join wrong
    on
        wrong.code_set = told.code_set
        and wrong.code = told.code
where told.statement_end_date between wrong.covers_from and wrong.covers_through
