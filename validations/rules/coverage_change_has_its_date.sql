select
    coverage.file_key,
    coverage.coverage_index
from coverage
where
    coverage.maintenance_type_code = '001'
    and coverage.benefit_begin_date is null
    and coverage.maintenance_effective_date is null
