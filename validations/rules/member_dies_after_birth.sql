select
    member.file_key,
    member.member_index
from member
where member.death_date < member.birth_date
