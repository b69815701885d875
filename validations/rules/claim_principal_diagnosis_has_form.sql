-- Of the few distinct codes the ill-formed are found first. A claim's principal diagnosis is there when
-- one with the form is there.
with sent as (
    select distinct
        code,
        is_icd10
    from diagnosis
    where role = 'principal'
),

well_formed as (
    select
        code,
        is_icd10
    from sent
    where
        (is_icd10 and regexp_matches(code, '^[A-Z][0-9][0-9AB][0-9A-Z]{0,4}$'))
        or (not is_icd10 and regexp_matches(code, '^([0-9]{3,5}|V[0-9]{2,4}|E[0-9]{3,4})$'))
),

principal as (
    select
        diagnosis.file_key,
        diagnosis.claim_index
    from diagnosis
    inner join well_formed
        on
            well_formed.code = diagnosis.code
            and well_formed.is_icd10 = diagnosis.is_icd10
    where diagnosis.role = 'principal'
)

select
    claim.file_key,
    claim.claim_index
from claim
left join principal
    on
        principal.file_key = claim.file_key
        and principal.claim_index = claim.claim_index
where principal.claim_index is null
