select
    member.file_key,
    member.member_index
from member
inner join file
    on file.file_key = member.file_key
where member.birth_date > file.received_date
