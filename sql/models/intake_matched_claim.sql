-- Claims that are decided, with their patient. Grain: file_key, claim_index.
-- The patient is the subscriber when SBR02 says so or no patient is named; else the member of the
-- family with that first name, birth date and sex. `member_id` is empty when there is none.
with family as (
    select
        member.employer_id,
        member.subscriber_id,
        upper(member.first_name) as first_name,
        member.birth_date,
        member.sex_code,
        min(member.member_id) as member_id,
        min(member.person_id) as person_id
    from member
    group by
        member.employer_id,
        member.subscriber_id,
        upper(member.first_name),
        member.birth_date,
        member.sex_code
    having count(*) = 1
)

select
    file.file_id,
    claim.claim_index,
    claim.set_index,
    'TPA' || judging.icn_year || lpad(cast(file.first_icn + claim.claim_index as varchar), 10, '0') as icn,
    subscriber.employer_id,
    subscriber.subscriber_id,
    case
        when claim.subscriber_relationship_code = '18' or not claim.has_patient
            then subscriber.member_id
        else coalesce(family.member_id, '')
    end as member_id,
    case
        when claim.subscriber_relationship_code = '18' or not claim.has_patient
            then subscriber.person_id
        else coalesce(family.person_id, '')
    end as person_id,
    file.received_date,
    cast(coalesce(claim.charge_usd, 0) as decimal(14, 2)) as charge_usd
from claim
inner join file
    on file.file_key = claim.file_key
inner join intake_claim_subscriber as subscriber
    on
        subscriber.file_key = claim.file_key
        and subscriber.claim_index = claim.claim_index
cross join judging
left join family
    on
        family.employer_id = subscriber.employer_id
        and family.subscriber_id = subscriber.subscriber_id
        and family.first_name = claim.patient_first_name
        and family.birth_date = claim.patient_birth_date
        and family.sex_code = claim.patient_sex_code
left join (
    select distinct
        file_key,
        claim_index
    from finding
    where severity = 'error'
) as found
    on
        found.file_key = claim.file_key
        and found.claim_index = claim.claim_index
left join intake_waiting_claim as waiting -- absent: the claim does not wait
    on
        waiting.file_id = file.file_id
        and waiting.claim_index = claim.claim_index
where
    found.claim_index is null
    and waiting.claim_index is null
order by claim.file_key, claim.claim_index
