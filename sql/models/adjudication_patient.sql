-- Patients of tonight's claims, numbered: members, the people behind them and their families.
-- Grain: patient_key. member_id is empty for a patient that is no known dependent.
with patient as (
    select distinct
        matched.member_id,
        matched.person_id,
        matched.subscriber_id
    from matched_claim as matched
    inner join night_run on matched.employer_id = night_run.employer_id
)

select
    cast(
        row_number() over (
            order by member_id collate "C", person_id collate "C", subscriber_id collate "C"
        ) as integer
    ) as patient_key,
    cast(dense_rank() over (order by member_id collate "C") as integer) as member_key,
    cast(dense_rank() over (order by person_id collate "C") as integer) as person_key,
    cast(dense_rank() over (order by subscriber_id collate "C") as integer) as family_key,
    member_id,
    person_id,
    subscriber_id
from patient
