-- What partners sent, what was in it, how we judged it and what we answered.
-- Grain: drop_id. The figures stand on the first drop of a content; a duplicate of it was not read
-- again and shows zeros, with the acknowledgments that were repeated for it.
with interchange_total as (
    select
        file_id,
        count(*) as interchange_count,
        sum(case when acknowledgment_code = 'R' then 1 else 0 end) as interchange_rejected_count
    from interchange
    group by file_id
),

set_total as (
    select
        file_id,
        -- A file holds one kind of set in practice; the least and the greatest code tell if not.
        min(transaction_set_code) as first_code,
        max(transaction_set_code) as last_code,
        count(*) as set_count,
        sum(case when acceptance_code = 'A' then 1 else 0 end) as set_accepted_count,
        sum(case when acceptance_code = 'E' then 1 else 0 end) as set_accepted_with_errors_count,
        sum(case when acceptance_code not in ('A', 'E') then 1 else 0 end) as set_rejected_count,
        sum(segment_count) as segment_count,
        sum(record_count) as record_count,
        sum(charge_usd) as charge_usd
    from transaction_set
    group by file_id
),

rejected_total as (
    select
        file_id,
        count(*) as claim_rejected_count,
        sum(charge_usd) as claim_rejected_usd
    from rejected_claim
    group by file_id
),

-- A repeated acknowledgment has the id again/<drop>/<first id>; a first one answers the first drop.
answer as (
    select
        case
            when outbox.document_id like 'again/%' then split_part(outbox.document_id, '/', 2)
            else file_register.first_drop_id
        end as drop_id,
        outbox.document_kind
    from outbox
    inner join file_register on outbox.about = file_register.file_id
    where outbox.document_kind in ('TA1', '999', '277CA')
),

answer_total as (
    select
        drop_id,
        sum(case when document_kind = 'TA1' then 1 else 0 end) as ta1_count,
        sum(case when document_kind = '999' then 1 else 0 end) as acknowledgment_999_count,
        sum(case when document_kind = '277CA' then 1 else 0 end) as acknowledgment_277ca_count
    from answer
    group by drop_id
),

-- `content_id` is empty for a duplicate, so that nothing below is counted twice.
drop_content as (
    select
        file_drop.drop_id,
        case
            when file_drop.drop_id <> file_register.first_drop_id then file_drop.night
            else coalesce(file_register.night, file_drop.night)
        end as night,
        file_drop.partner_id,
        file_drop.remote_name,
        file_drop.drop_status,
        file_drop.file_id,
        case when file_drop.drop_id = file_register.first_drop_id then file_drop.file_id end
            as content_id,
        file_register.content_kind,
        file_register.status as file_status,
        file_drop.byte_count
    from file_drop
    inner join file_register on file_drop.file_id = file_register.file_id
)

-- No interchange, set or rejection: the file is not X12, was refused whole, or all claims passed.
select
    drop_content.drop_id,
    drop_content.night,
    drop_content.partner_id,
    drop_content.remote_name,
    drop_content.drop_status,
    drop_content.file_id,
    drop_content.content_kind,
    drop_content.file_status,
    drop_content.byte_count,
    coalesce(interchange_total.interchange_count, 0) as interchange_count,
    cast(coalesce(interchange_total.interchange_rejected_count, 0) as bigint)
        as interchange_rejected_count,
    case
        when set_total.file_id is null then ''
        when set_total.first_code = set_total.last_code then set_total.first_code
        else set_total.first_code || ' ' || set_total.last_code
    end as transaction_set_code,
    coalesce(set_total.set_count, 0) as set_count,
    cast(coalesce(set_total.set_accepted_count, 0) as bigint) as set_accepted_count,
    cast(coalesce(set_total.set_accepted_with_errors_count, 0) as bigint)
        as set_accepted_with_errors_count,
    cast(coalesce(set_total.set_rejected_count, 0) as bigint) as set_rejected_count,
    cast(coalesce(set_total.segment_count, 0) as bigint) as segment_count,
    cast(coalesce(set_total.record_count, 0) as bigint) as record_count,
    cast(coalesce(set_total.charge_usd, 0) as decimal(18, 2)) as charge_usd,
    coalesce(rejected_total.claim_rejected_count, 0) as claim_rejected_count,
    cast(coalesce(rejected_total.claim_rejected_usd, 0) as decimal(18, 2)) as claim_rejected_usd,
    cast(coalesce(answer_total.ta1_count, 0) as bigint) as ta1_count,
    cast(coalesce(answer_total.acknowledgment_999_count, 0) as bigint) as acknowledgment_999_count,
    cast(coalesce(answer_total.acknowledgment_277ca_count, 0) as bigint)
        as acknowledgment_277ca_count
from drop_content
left join interchange_total on drop_content.content_id = interchange_total.file_id
left join set_total on drop_content.content_id = set_total.file_id
left join rejected_total on drop_content.content_id = rejected_total.file_id
left join answer_total on drop_content.drop_id = answer_total.drop_id
