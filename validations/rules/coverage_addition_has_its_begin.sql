select
    coverage.file_key,
    coverage.coverage_index
from coverage
where coverage.maintenance_type_code in ('021', '025') and coverage.benefit_begin_date is null
