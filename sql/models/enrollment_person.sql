-- Member records with their person, and why a record cannot be used.
-- Grain: member_index. `held_code` is empty for a record that may be applied.
with person as (
    select
        record.member_index,
        record.subscriber_id,
        record.is_subscriber,
        record.last_name,
        record.first_name,
        record.birth_date,
        record.sex_code,
        record.maintenance_reason_code,
        record.ssn_digest,
        record.person_key,
        match.member_id,
        match.is_known,
        match.has_known_subscriber,
        match.known_person_id,
        match.known_ssn_digest
    from enrollment_person_key as record
    inner join enrollment_person_match as match
        on match.member_index = record.member_index
),

-- One member under two names, birth dates or sexes in one file.
contradicted as (
    select member_id
    from person
    group by member_id
    having
        min(upper(last_name)) <> max(upper(last_name))
        or min(upper(first_name)) <> max(upper(first_name))
        or min(birth_date) <> max(birth_date)
        or min(sex_code) <> max(sex_code)
),

-- One number on two people: known ones first, then in file order. The same number with the same
-- birth date is the same person, also as a member of two families.
owner as (
    select
        identity.ssn_digest,
        known_member.member_id,
        known_member.person_id,
        known_member.birth_date,
        cast(-1 as bigint) as member_index
    from known_identity as identity
    inner join known_member
        on known_member.member_id = identity.member_id
    union all
    select
        ssn_digest,
        member_id,
        person_key as person_id,
        birth_date,
        member_index
    from person
    where ssn_digest <> ''
),

first_owner as (
    select
        ssn_digest,
        member_id,
        person_id,
        birth_date
    from owner
    qualify row_number() over (partition by ssn_digest order by member_index, member_id) = 1
),

known_name as (
    select
        upper(last_name) as last_name,
        upper(first_name) as first_name,
        birth_date,
        sex_code,
        min(person_id) as person_id
    from known_member
    group by upper(last_name), upper(first_name), birth_date, sex_code
),

judged as (
    select
        person.member_index,
        person.subscriber_id,
        person.is_subscriber,
        person.member_id,
        person.is_known,
        person.has_known_subscriber,
        coalesce(
            person.known_person_id,
            case when first_owner.birth_date = person.birth_date then first_owner.person_id end,
            known_name.person_id,
            person.person_key
        ) as person_id,
        case
            when contradicted.member_id is not null then 'E-834-DUPMEM'
            when
                first_owner.member_id <> person.member_id
                and first_owner.birth_date is distinct from person.birth_date
                then 'E-834-SSN'
            when
                person.ssn_digest <> ''
                and person.known_ssn_digest <> ''
                and person.known_ssn_digest <> person.ssn_digest
                and person.maintenance_reason_code <> '25'
                then 'E-834-SSN'
            else ''
        end as held_code
    from person
    left join contradicted
        on contradicted.member_id = person.member_id
    left join first_owner
        on
            first_owner.ssn_digest = person.ssn_digest
            and person.ssn_digest <> ''
    left join known_name
        on
            known_name.last_name = upper(person.last_name)
            and known_name.first_name = upper(person.first_name)
            and known_name.birth_date = person.birth_date
            and known_name.sex_code = person.sex_code
),

good_subscriber as (
    select distinct subscriber_id
    from judged
    where is_subscriber and held_code = ''
)

select
    judged.member_index,
    judged.member_id,
    judged.person_id,
    judged.is_known,
    case
        when judged.held_code <> '' then judged.held_code
        when
            not judged.is_subscriber
            and not judged.has_known_subscriber
            and good_subscriber.subscriber_id is null
            then 'E-834-SUB'
        else ''
    end as held_code
from judged
left join good_subscriber
    on good_subscriber.subscriber_id = judged.subscriber_id
