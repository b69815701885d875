with wrong as (
    select distinct
        code,
        is_icd10
    from diagnosis
    where
        (is_icd10 and not regexp_matches(code, '^[A-Z][0-9][0-9AB][0-9A-Z]{0,4}$'))
        or (not is_icd10 and not regexp_matches(code, '^([0-9]{3,5}|V[0-9]{2,4}|E[0-9]{3,4})$'))
)

select distinct
    diagnosis.file_key,
    diagnosis.claim_index
from diagnosis
inner join wrong
    on
        wrong.code = diagnosis.code
        and wrong.is_icd10 = diagnosis.is_icd10
where diagnosis.role <> 'principal'
