-- The end of the member's eligibility stands in where the coverage has none of its own.
select
    coverage.file_key,
    coverage.coverage_index
from coverage
inner join member
    on
        member.file_key = coverage.file_key
        and member.member_index = coverage.member_index
where
    coverage.maintenance_type_code = '024'
    and coverage.benefit_end_date is null
    and member.eligibility_end_date is null
