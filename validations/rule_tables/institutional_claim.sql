-- What only claims of institutions tell. Grain: file_key, claim_index; claims of others have no row.
-- `is_stay`: the type of bill is of a patient who is admitted (hospital, swing bed, skilled nursing, religious
-- nonmedical); `is_outpatient`: of one who comes and goes.
select
    raw.file_key,
    raw.claim_index,
    transaction_set.kind,
    coalesce(trim(raw.facility_type_code), '') as facility_type_code,
    coalesce(trim(raw.claim_frequency_code), '') as claim_frequency_code,
    coalesce(trim(raw.facility_type_code), '') in ('11', '18', '21', '41') as is_stay,
    coalesce(trim(raw.facility_type_code), '') in (
        '13', '14', '23', '71', '72', '73', '74', '75', '76', '77', '83', '85'
    ) as is_outpatient,
    raw.statement_begin_date,
    raw.statement_end_date,
    raw.admission_date,
    coalesce(trim(raw.discharge_time), '') as discharge_time,
    coalesce(trim(raw.admission_type_code), '') as admission_type_code,
    coalesce(trim(raw.admission_source_code), '') as admission_source_code,
    coalesce(trim(raw.patient_status_code), '') as patient_status_code,
    coalesce(trim(raw.drg_code), '') as drg_code,
    coalesce(trim(raw.attending_provider_last_name), '') as attending_provider_last_name
from raw_claims as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
where transaction_set.kind = '837I'
