select
    member.file_key,
    member.member_index
from member
qualify row_number() over (
    partition by
        member.file_key,
        member.subscriber_id,
        member.relationship_code,
        member.first_name,
        member.birth_date,
        member.birth_sequence_number,
        member.maintenance_type_code
    order by member.member_index
) > 1
