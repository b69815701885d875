-- Coverages of a file with the plan, tier and days they mean.
-- Grain: coverage_index. Ends are last covered days; 9999-12-31 stands for an open end.
with coverage as (
    select
        record.coverage_index,
        record.member_index,
        record.segment_start,
        record.insurance_line_code,
        record.plan_coverage_description,
        record.coverage_level_code,
        coalesce(nullif(record.maintenance_type_code, ''), person.maintenance_type_code) as maintenance_type_code,
        coalesce(record.benefit_begin_date, person.eligibility_begin_date) as begin_date,
        record.benefit_begin_date as sent_begin_date,
        coalesce(
            record.maintenance_effective_date, person.maintenance_effective_date
        ) as maintenance_effective_date,
        least(
            coalesce(
                cast(record.benefit_end_date - unit.end_shift as date),
                cast(person.eligibility_end_date - unit.end_shift as date),
                date '9999-12-31'
            ),
            coalesce(person.death_date, date '9999-12-31')
        ) as end_date,
        person.subscriber_id,
        person.is_subscriber,
        person.relationship_group,
        person.is_disabled,
        person.birth_date
    from coverage_record as record
    inner join enrollment_person_key as person
        on person.member_index = record.member_index
    cross join unit
),

plan as (
    select
        coverage.coverage_index,
        plan_code.plan_id,
        plan_code.product_line,
        case
            when coverage.relationship_group <> 'CHILD' or coverage.is_disabled then null
            when plan_code.ends_with_year
                then make_date(year(coverage.birth_date) + plan_code.limiting_age, 12, 31)
            else last_day(
                cast(coverage.birth_date + interval '1 year' * plan_code.limiting_age as date)
            )
        end as last_child_date
    from coverage
    cross join unit
    inner join plan_code
        on
            plan_code.insurance_line_code = coverage.insurance_line_code
            and (
                plan_code.plan_coverage_description = ''
                or plan_code.plan_coverage_description = coverage.plan_coverage_description
            )
    qualify row_number() over (
        partition by coverage.coverage_index
        order by
            plan_code.plan_coverage_description <> '' desc,
            coalesce(coverage.begin_date, unit.file_effective_date)
            between plan_code.begin_date and plan_code.end_date desc,
            plan_code.begin_date desc
    ) = 1
)

select
    coverage.coverage_index,
    coverage.member_index,
    coverage.segment_start as source_segment,
    coverage.subscriber_id,
    coverage.is_subscriber,
    coverage.maintenance_type_code,
    coalesce(plan.plan_id, '') as plan_id,
    coalesce(plan.product_line, '') as product_line,
    coverage.coverage_level_code,
    tier_code.tier,
    coverage.begin_date,
    coverage.sent_begin_date,
    coverage.maintenance_effective_date,
    least(coverage.end_date, coalesce(plan.last_child_date, coverage.end_date)) as end_date,
    plan.last_child_date
from coverage
left join plan
    on plan.coverage_index = coverage.coverage_index
left join tier_code
    on tier_code.coverage_level_code = coverage.coverage_level_code
