-- Coverages of those members. Grain: file_key, coverage_index.
select
    raw.file_key,
    raw.coverage_index,
    raw.member_index,
    raw.set_index,
    transaction_set.kind,
    raw.segment_start,
    raw.byte_start,
    coalesce(raw.maintenance_type_code, '') as maintenance_type_code,
    coalesce(raw.insurance_line_code, '') as insurance_line_code,
    coalesce(raw.plan_coverage_description, '') as plan_coverage_description,
    coalesce(raw.coverage_level_code, '') as coverage_level_code,
    raw.benefit_begin_date,
    raw.benefit_end_date,
    raw.maintenance_effective_date
from raw_coverages as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
