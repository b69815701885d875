-- The subscriber each claim names, where there is one. Grain: file_key, claim_index.
-- The group number names the employer; without one the member id must belong to one employer only.
with subscriber as (
    select
        member.employer_id,
        employer.group_number,
        member.subscriber_id,
        member.member_id,
        member.person_id,
        count(*) over (partition by member.subscriber_id) as employer_count
    from member
    inner join employer
        on employer.employer_id = member.employer_id
    where member.relationship_group = 'SUBSCRIBER'
)

select
    claim.file_key,
    claim.claim_index,
    subscriber.employer_id,
    subscriber.subscriber_id,
    subscriber.member_id,
    subscriber.person_id
from claim
inner join subscriber
    on
        subscriber.subscriber_id = claim.subscriber_member_id
        and (
            subscriber.group_number = claim.group_number
            or (claim.group_number = '' and subscriber.employer_count = 1)
        )
