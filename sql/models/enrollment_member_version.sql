-- People as known after this application; a row that says the same keeps its version.
-- Grain: employer_id, member_id.
select
    application.employer_id,
    known_member.member_id,
    known_member.subscriber_id,
    known_member.person_id,
    known_member.relationship_code,
    known_member.relationship_group,
    known_member.last_name,
    known_member.first_name,
    known_member.birth_date,
    known_member.sex_code,
    coalesce(same.valid_from_event, application.event_number) as valid_from_event,
    cast(null as bigint) as valid_to_event
from known_member
cross join application
left join current_member as same
    on
        same.member_id = known_member.member_id
        and same.subscriber_id = known_member.subscriber_id
        and same.person_id = known_member.person_id
        and same.relationship_code = known_member.relationship_code
        and same.relationship_group = known_member.relationship_group
        and same.last_name = known_member.last_name
        and same.first_name = known_member.first_name
        and same.birth_date is not distinct from known_member.birth_date
        and same.sex_code = known_member.sex_code
order by known_member.member_id
