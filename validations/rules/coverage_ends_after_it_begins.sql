select
    coverage.file_key,
    coverage.coverage_index
from coverage
where coverage.benefit_end_date < coverage.benefit_begin_date
