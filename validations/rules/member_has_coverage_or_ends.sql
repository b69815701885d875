select
    member.file_key,
    member.member_index
from member
left join coverage
    on
        coverage.file_key = member.file_key
        and coverage.member_index = member.member_index
where member.maintenance_type_code = '021' and coverage.member_index is null
