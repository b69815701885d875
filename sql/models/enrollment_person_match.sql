-- Member records with the member they mean: one known already, or a new one.
-- Grain: member_index. A subscriber is known by the subscriber id, so a corrected name or birth
-- date changes the person and not the member; a dependent by key, or by name, birth date and sex.
with first_subscriber as (
    select
        subscriber_id,
        key_id
    from enrollment_person_key
    where is_subscriber
    qualify row_number() over (partition by subscriber_id order by member_index) = 1
),

known_subscriber as (
    select
        subscriber_id,
        min(member_id) as member_id
    from known_member
    where relationship_group = 'SUBSCRIBER'
    group by subscriber_id
),

known_dependent as (
    select
        subscriber_id,
        upper(first_name) as first_name,
        birth_date,
        sex_code,
        min(member_id) as member_id
    from known_member
    where relationship_group <> 'SUBSCRIBER'
    group by subscriber_id, upper(first_name), birth_date, sex_code
    having count(*) = 1
),

matched as (
    select
        person.member_index,
        case
            when by_key.member_id is not null then person.key_id
            when person.is_subscriber
                then coalesce(known_subscriber.member_id, first_subscriber.key_id)
            else coalesce(known_dependent.member_id, person.key_id)
        end as member_id,
        known_subscriber.member_id is not null as has_known_subscriber
    from enrollment_person_key as person
    left join known_member as by_key
        on by_key.member_id = person.key_id
    left join known_subscriber
        on known_subscriber.subscriber_id = person.subscriber_id
    left join first_subscriber
        on first_subscriber.subscriber_id = person.subscriber_id
    left join known_dependent
        on
            known_dependent.subscriber_id = person.subscriber_id
            and known_dependent.first_name = upper(person.first_name)
            and known_dependent.birth_date = person.birth_date
            and known_dependent.sex_code = person.sex_code
            and not person.is_subscriber
)

select
    matched.member_index,
    matched.member_id,
    matched.has_known_subscriber,
    known_member.member_id is not null as is_known,
    known_member.person_id as known_person_id,
    coalesce(identity.ssn_digest, '') as known_ssn_digest
from matched
left join known_member
    on known_member.member_id = matched.member_id
left join known_identity as identity
    on identity.member_id = matched.member_id
