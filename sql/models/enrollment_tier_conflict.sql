-- Families whose tier does not fit who is covered: alone with a dependent, with children and a
-- spouse, with a spouse and a child. Grain: subscriber_id, product_line.
with covered as (
    select
        member.subscriber_id,
        known_span.product_line,
        member.relationship_group,
        known_span.coverage_tier
    from known_span
    inner join enrollment_member as member
        on member.member_id = known_span.member_id
    cross join unit
    where known_span.end_date >= unit.received_date
),

family as (
    select
        subscriber_id,
        product_line,
        max(case when relationship_group = 'SUBSCRIBER' then coverage_tier end) as tier,
        sum(case when relationship_group in ('SPOUSE', 'PARTNER') then 1 else 0 end) as spouse_count,
        sum(case when relationship_group = 'CHILD' then 1 else 0 end) as child_count
    from covered
    group by subscriber_id, product_line
)

select
    subscriber_id,
    product_line
from family
where
    (tier = 'EE' and spouse_count + child_count > 0)
    or (tier = 'EC' and spouse_count > 0)
    or (tier = 'ES' and spouse_count > 0 and child_count > 0)
