-- People after a file: the known ones with the file's demographics, and the new ones.
-- Grain: member_id. Someone new is written down when a record adds them; a change or termination
-- of someone unknown adds nobody.
with usable as (
    select
        coverage.member_id,
        min(coverage.member_index) as member_index
    from enrollment_coverage as coverage
    inner join enrollment_person as person
        on person.member_index = coverage.member_index
    where
        person.held_code = ''
        and not coverage.compares_only
        and (
            coverage.is_known
            or coverage.kind in ('021', '025', '026', '032', 'FULL')
            or (coverage.kind = 'PERSON' and coverage.maintenance_type_code in ('021', '025'))
        )
    group by coverage.member_id
),

sent as (
    select
        usable.member_id,
        key.subscriber_id,
        person.person_id,
        key.relationship_code,
        key.relationship_group,
        key.last_name,
        key.first_name,
        key.birth_date,
        key.sex_code,
        key.ssn_digest
    from usable
    inner join enrollment_person_key as key
        on key.member_index = usable.member_index
    inner join enrollment_person as person
        on person.member_index = usable.member_index
)

select
    coalesce(sent.member_id, known_member.member_id) as member_id,
    coalesce(sent.subscriber_id, known_member.subscriber_id) as subscriber_id,
    coalesce(sent.person_id, known_member.person_id) as person_id,
    coalesce(sent.relationship_code, known_member.relationship_code) as relationship_code,
    coalesce(sent.relationship_group, known_member.relationship_group) as relationship_group,
    coalesce(nullif(sent.last_name, ''), known_member.last_name, '') as last_name,
    coalesce(nullif(sent.first_name, ''), known_member.first_name, '') as first_name,
    coalesce(sent.birth_date, known_member.birth_date) as birth_date,
    coalesce(nullif(sent.sex_code, ''), known_member.sex_code, '') as sex_code,
    sent.member_id is not null and (
        known_member.member_id is null
        or known_member.subscriber_id <> sent.subscriber_id
        or known_member.relationship_code <> sent.relationship_code
        or known_member.relationship_group <> sent.relationship_group
        or (sent.last_name <> '' and known_member.last_name <> sent.last_name)
        or (sent.first_name <> '' and known_member.first_name <> sent.first_name)
        or coalesce(sent.birth_date is distinct from known_member.birth_date, false)
        and sent.birth_date is not null
        or (sent.sex_code <> '' and known_member.sex_code <> sent.sex_code)
    ) as is_changed,
    coalesce(sent.ssn_digest, '') as ssn_digest
from sent
full join known_member
    on known_member.member_id = sent.member_id
