with dependent as (
    select distinct
        coverage.file_key,
        member.subscriber_id,
        coverage.insurance_line_code
    from coverage
    inner join member
        on
            member.file_key = coverage.file_key
            and member.member_index = coverage.member_index
    where
        member.subscriber_indicator = 'N'
        and coverage.maintenance_type_code not in ('002', '024')
)

select
    coverage.file_key,
    coverage.coverage_index
from coverage
inner join member
    on
        member.file_key = coverage.file_key
        and member.member_index = coverage.member_index
inner join dependent
    on
        dependent.file_key = coverage.file_key
        and dependent.subscriber_id = member.subscriber_id
        and dependent.insurance_line_code = coverage.insurance_line_code
where
    member.subscriber_indicator = 'Y'
    and coverage.coverage_level_code in ('EMP', 'IND')
    and coverage.maintenance_type_code not in ('002', '024')
