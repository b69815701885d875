-- Principal and other procedures of a stay. Grain: a component group of HI.
-- `is_icd10`: ICD-10-PCS (BBR, BBQ), else ICD-9-CM volume 3 (BR, BQ); Christian Science codes are left out.
select
    raw.file_key,
    raw.claim_index,
    transaction_set.kind,
    raw.qualifier in ('BBR', 'BBQ') as is_icd10,
    coalesce(raw.code, '') as code
from raw_procedures as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
where raw.qualifier in ('BBR', 'BBQ', 'BR', 'BQ')
