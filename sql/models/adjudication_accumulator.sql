-- Accumulators used tonight, numbered in the order of their ids, with their totals before the night.
-- Grain: slot. used: cents, visits for VISIT and VISIT_KEY. kind is empty for an accumulator that
-- only a decision taken back had used.
with stored as (
    select distinct accumulator_id
    from adjudication_stored_transaction
),

drawn_on as (
    select distinct stored.accumulator_id
    from stored
    inner join adjudication_account as account on stored.accumulator_id = account.accumulator_id
),

wanted as (
    select
        kind,
        group_year_key,
        counts_in,
        owner_key,
        limit_number,
        accumulator_id
    from adjudication_account
    union all
    select
        '' as kind,
        0 as group_year_key,
        '' as counts_in,
        0 as owner_key,
        0 as limit_number,
        stored.accumulator_id
    from stored
    -- Absent: no payable line draws on it.
    left join drawn_on on stored.accumulator_id = drawn_on.accumulator_id
    where drawn_on.accumulator_id is null
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
    wanted.kind,
    wanted.group_year_key,
    wanted.counts_in,
    wanted.owner_key,
    wanted.limit_number,
    wanted.accumulator_id,
    cast(coalesce(total.used, 0) as bigint) as used
from wanted
-- Absent: nothing was posted before tonight.
left join total on wanted.accumulator_id = total.accumulator_id
