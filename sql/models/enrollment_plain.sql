-- Transactions that need no look at a history: the record says what is known, or is the first of
-- its member in the product line. Grain: coverage_index. A family and product line is plain as a
-- whole or not at all: a dependent's addition depends on the subscriber's.
with last_span as (
    select
        member_id,
        product_line,
        plan_id,
        begin_date,
        end_date,
        coverage_tier,
        benefit_status_code
    from known_span
    qualify row_number() over (
        partition by member_id, product_line
        order by begin_date desc, plan_id desc
    ) = 1
),

classified as (
    select
        txn.coverage_index,
        txn.subscriber_id,
        txn.member_id,
        txn.product_line,
        txn.begin_date,
        txn.end_date,
        coalesce(member.relationship_group, 'OTHER') as relationship_group,
        case
            when txn.kind not in ('021', 'FULL') then 'OTHER'
            when last_span.member_id is null and txn.compares_only then 'OTHER'
            when last_span.member_id is null
                then case
                    when
                        date_diff('day', txn.begin_date, unit.received_date) > unit.retro_add_days
                        then 'OTHER'
                    when date_diff('day', unit.received_date, txn.begin_date) > 90 then 'OTHER'
                    else 'NEW'
                end
            when
                last_span.plan_id = txn.plan_id
                and last_span.begin_date = txn.begin_date
                and last_span.end_date = txn.end_date
                and last_span.end_date >= unit.as_of_date
                and last_span.coverage_tier = txn.tier
                and last_span.benefit_status_code = txn.benefit_status_code
                then 'SAME'
            else 'OTHER'
        end as class
    from enrollment_transaction as txn
    cross join unit
    left join enrollment_member as member
        on member.member_id = txn.member_id
    left join last_span
        on
            last_span.member_id = txn.member_id
            and last_span.product_line = txn.product_line
),

subscriber_days as (
    select
        known_member.subscriber_id,
        known_span.product_line,
        known_span.begin_date,
        known_span.end_date
    from known_span
    inner join known_member
        on known_member.member_id = known_span.member_id
    where known_member.relationship_group = 'SUBSCRIBER'
    union all
    select
        subscriber_id,
        product_line,
        begin_date,
        end_date
    from classified
    where class = 'NEW' and relationship_group = 'SUBSCRIBER'
),

contained as (
    select distinct classified.coverage_index
    from classified
    inner join subscriber_days
        on
            subscriber_days.subscriber_id = classified.subscriber_id
            and subscriber_days.product_line = classified.product_line
            and subscriber_days.begin_date <= classified.begin_date
            and subscriber_days.end_date >= classified.end_date
    where classified.class = 'NEW' and classified.relationship_group <> 'SUBSCRIBER'
),

spouse as (
    select
        subscriber_id,
        product_line,
        member_id
    from classified
    where relationship_group in ('SPOUSE', 'PARTNER')
    union
    select
        known_member.subscriber_id,
        known_span.product_line,
        known_span.member_id
    from known_span
    inner join known_member
        on known_member.member_id = known_span.member_id
    where known_member.relationship_group in ('SPOUSE', 'PARTNER')
),

spouse_count as (
    select
        subscriber_id,
        product_line,
        count(*) as member_count
    from spouse
    group by subscriber_id, product_line
),

involved as (
    select
        classified.subscriber_id,
        classified.product_line
    from classified
    left join contained
        on contained.coverage_index = classified.coverage_index
    left join spouse_count
        on
            spouse_count.subscriber_id = classified.subscriber_id
            and spouse_count.product_line = classified.product_line
    where
        classified.class = 'OTHER'
        or (
            classified.class = 'NEW'
            and classified.relationship_group <> 'SUBSCRIBER'
            and contained.coverage_index is null
        )
        or (
            classified.class = 'NEW'
            and classified.relationship_group in ('SPOUSE', 'PARTNER')
            and spouse_count.member_count > 1
        )
    union
    select
        subscriber_id,
        product_line
    from classified
    group by subscriber_id, product_line, member_id
    having count(*) > 1
)

select
    classified.coverage_index,
    classified.class
from classified
left join involved
    on
        involved.subscriber_id = classified.subscriber_id
        and involved.product_line = classified.product_line
where involved.subscriber_id is null
