select
    member.file_key,
    member.member_index
from member
where member.benefit_status_code = 'C' and member.cobra_event_code = ''
