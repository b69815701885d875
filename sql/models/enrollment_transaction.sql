-- What is applied to histories: coverages, terminations of every plan, terminations by absence.
-- Grain: coverage_index, plan_id. `order_date` orders the transactions of a member; at the same
-- day what ends goes before what begins.
with absence as (
    select
        unit.absence_index - row_number() over (
            order by absence.member_id, absence.plan_id
        ) as coverage_index,
        absence.member_id,
        absence.subscriber_id,
        absence.plan_id,
        absence.product_line
    from enrollment_absence as absence
    cross join unit
    where absence.is_term and not absence.changes_plan
)

select
    coverage.coverage_index,
    coverage.subscriber_id,
    coverage.member_id,
    coverage.product_line,
    coverage.plan_id,
    coverage.kind,
    coverage.compares_only,
    coverage.begin_date,
    coverage.end_date,
    coalesce(coverage.effective_date, unit.file_effective_date) as effective_date,
    coverage.tier,
    coverage.benefit_status_code,
    coverage.reason_code,
    coverage.source_segment,
    case
        when coverage.kind = 'FULL' then coverage.begin_date
        else coalesce(coverage.effective_date, unit.file_effective_date)
    end as order_date
from enrollment_coverage as coverage
cross join unit
where coverage.held_code = '' and coverage.kind not in ('PERSON', 'ALL_PLANS')
union all
select
    coverage.coverage_index,
    coverage.subscriber_id,
    coverage.member_id,
    plan.product_line,
    plan.plan_id,
    '024' as kind,
    coverage.compares_only,
    cast(null as date) as begin_date,
    coverage.end_date,
    coverage.effective_date,
    '' as tier,
    coverage.benefit_status_code,
    coverage.reason_code,
    coverage.source_segment,
    coverage.effective_date as order_date
from enrollment_coverage as coverage
inner join (
    select distinct
        member_id,
        product_line,
        plan_id
    from known_span
) as plan
    on plan.member_id = coverage.member_id
where coverage.held_code = '' and coverage.kind = 'ALL_PLANS'
union all
select
    absence.coverage_index,
    absence.subscriber_id,
    absence.member_id,
    absence.product_line,
    absence.plan_id,
    '024' as kind,
    unit.compares_only,
    cast(null as date) as begin_date,
    unit.absence_end_date as end_date,
    cast(unit.absence_end_date + 1 as date) as effective_date,
    '' as tier,
    '' as benefit_status_code,
    'AI' as reason_code,
    cast(-1 as bigint) as source_segment,
    cast(unit.absence_end_date + 1 as date) as order_date
from absence
cross join unit
