-- Coverage a full file does not mention: who was covered on the file's day, or will be, and is not
-- in it. Grain: member_id, plan_id. `is_term`: ends by absence; the others are kept for the reason
-- named in docs/domain/enrollment.md ("Full files").
with open_coverage as (
    select
        known_span.member_id,
        known_span.plan_id,
        min(known_span.product_line) as product_line,
        max(known_span.benefit_status_code) as benefit_status_code
    from known_span
    cross join unit
    inner join full_file_line
        on full_file_line.product_line = known_span.product_line
    where known_span.end_date >= unit.file_effective_date
    group by known_span.member_id, known_span.plan_id
),

-- A record that is held still says that the member is there.
mentioned as (
    select distinct
        member_id,
        plan_id,
        product_line
    from enrollment_coverage
    where kind <> 'PERSON'
)

select
    open_coverage.member_id,
    open_coverage.plan_id,
    open_coverage.product_line,
    known_member.subscriber_id,
    not (
        open_coverage.benefit_status_code = 'C'
        or coalesce(
            date_diff('day', known_member.birth_date, unit.file_effective_date) <= 31, false
        )
        or unclear.member_id is not null
    ) as is_term,
    other_plan.member_id is not null as changes_plan
from open_coverage
cross join unit
inner join known_member
    on known_member.member_id = open_coverage.member_id
left join mentioned
    on
        mentioned.member_id = open_coverage.member_id
        and mentioned.plan_id = open_coverage.plan_id
left join (
    select distinct member_id
    from mentioned
    where plan_id = ''
) as unclear
    on unclear.member_id = open_coverage.member_id
left join (
    select distinct
        member_id,
        product_line
    from mentioned
    where product_line <> ''
) as other_plan
    on
        other_plan.member_id = open_coverage.member_id
        and other_plan.product_line = open_coverage.product_line
where mentioned.member_id is null
