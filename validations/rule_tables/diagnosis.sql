-- Diagnoses of claims in the order sent. Grain: file_key, diagnosis_index.
-- `is_icd10`: the qualifier names ICD-10-CM (it begins with A), else ICD-9-CM. `role`: principal,
-- admitting, reason (for the visit), cause (external) or other.
select
    raw.file_key,
    raw.diagnosis_index,
    raw.claim_index,
    transaction_set.kind,
    raw.segment_start,
    substr(raw.qualifier, 1, 1) = 'A' as is_icd10,
    case
        when raw.qualifier in ('ABK', 'BK') then 'principal'
        when raw.qualifier in ('ABJ', 'BJ') then 'admitting'
        when raw.qualifier in ('APR', 'PR') then 'reason'
        when raw.qualifier in ('ABN', 'BN') then 'cause'
        else 'other'
    end as role,
    coalesce(raw.code, '') as code
from raw_diagnoses as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
