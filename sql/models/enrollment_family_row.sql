-- What the rules need of families that are not plain: known spans and transactions, in the order
-- they are applied. Grain: a span or a transaction. `row_kind` S before T.
with family as (
    select distinct
        txn.subscriber_id,
        txn.product_line
    from enrollment_transaction as txn
    left join enrollment_plain as plain
        on plain.coverage_index = txn.coverage_index
    where plain.coverage_index is null
),

row_of_family as (
    select
        family.subscriber_id,
        family.product_line,
        known_span.member_id,
        member.relationship_group,
        'S' as row_kind,
        cast(null as bigint) as coverage_index,
        known_span.plan_id,
        '' as kind,
        false as compares_only,
        known_span.begin_date,
        known_span.end_date,
        known_span.begin_date as effective_date,
        known_span.coverage_tier as tier,
        known_span.benefit_status_code,
        '' as reason_code,
        known_span.source_file_id,
        known_span.source_segment,
        known_span.begin_date as order_date
    from family
    inner join enrollment_member as member
        on member.subscriber_id = family.subscriber_id
    inner join known_span
        on
            known_span.member_id = member.member_id
            and known_span.product_line = family.product_line
    union all
    select
        family.subscriber_id,
        family.product_line,
        txn.member_id,
        coalesce(member.relationship_group, 'OTHER') as relationship_group,
        'T' as row_kind,
        txn.coverage_index,
        txn.plan_id,
        txn.kind,
        txn.compares_only,
        txn.begin_date,
        txn.end_date,
        txn.effective_date,
        txn.tier,
        txn.benefit_status_code,
        txn.reason_code,
        unit.file_id as source_file_id,
        txn.source_segment,
        txn.order_date
    from family
    inner join enrollment_transaction as txn
        on
            txn.subscriber_id = family.subscriber_id
            and txn.product_line = family.product_line
    cross join unit
    left join enrollment_member as member
        on member.member_id = txn.member_id
)

select
    subscriber_id,
    product_line,
    member_id,
    relationship_group,
    row_kind,
    coverage_index,
    plan_id,
    kind,
    compares_only,
    begin_date,
    end_date,
    effective_date,
    tier,
    benefit_status_code,
    reason_code,
    source_file_id,
    source_segment
from row_of_family
order by
    subscriber_id,
    product_line,
    row_kind,
    order_date,
    case when kind in ('002', '024') then 0 else 1 end,
    coverage_index < 0,
    coverage_index,
    member_id,
    plan_id
