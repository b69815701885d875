-- Accumulators used tonight, numbered, with their totals before the night.
-- Grain: slot. used: cents, visits for VISIT and VISIT_KEY.
with named as (
    select deductible_id as accumulator_id
    from adjudication_person_account
    union all
    select out_of_pocket_id as accumulator_id
    from adjudication_person_account
    union all
    select deductible_id as accumulator_id
    from adjudication_family_account
    union all
    select out_of_pocket_id as accumulator_id
    from adjudication_family_account
    union all
    select copay_id as accumulator_id
    from adjudication_copay_account
    union all
    select count_id as accumulator_id
    from adjudication_visit_account
    union all
    select mark_id as accumulator_id
    from adjudication_visit_account
    union all
    select accumulator_id
    from adjudication_stored_transaction
),

wanted as (
    select distinct accumulator_id
    from named
),

total as (
    select
        posted.accumulator_id,
        sum(posted.amount) as used
    from decided_transaction as posted
    inner join wanted on posted.accumulator_id = wanted.accumulator_id
    group by posted.accumulator_id
)

select
    cast(
        row_number() over (order by wanted.accumulator_id collate "C") - 1 as integer
    ) as slot,
    wanted.accumulator_id,
    cast(coalesce(total.used, 0) as bigint) as used
from wanted
-- Absent: nothing was posted before tonight.
left join total on wanted.accumulator_id = total.accumulator_id
