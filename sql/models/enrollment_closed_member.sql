-- Versions of people that are no longer what is known. Grain: the warehouse's primary key.
select
    current_member.employer_id,
    current_member.member_id,
    current_member.valid_from_event
from current_member
left join enrollment_member_version as version
    on
        version.member_id = current_member.member_id
        and version.valid_from_event = current_member.valid_from_event
where version.member_id is null
order by current_member.member_id, current_member.valid_from_event
