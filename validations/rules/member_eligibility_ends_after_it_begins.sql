select
    member.file_key,
    member.member_index
from member
where member.eligibility_end_date < member.eligibility_begin_date
