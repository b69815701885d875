select
    coverage.file_key,
    coverage.coverage_index
from coverage
inner join file
    on file.file_key = coverage.file_key
where date_diff('day', file.received_date, coverage.benefit_begin_date) > 90
