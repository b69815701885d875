select
    member.file_key,
    member.member_index
from member
where
    (member.subscriber_indicator = 'Y' and member.relationship_code <> '18')
    or (member.subscriber_indicator = 'N' and member.relationship_code = '18')
