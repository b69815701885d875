-- What another payer decided on a line, its adjustments added up. Grain: file_key, line_adjudication_index.
with adjusted as (
    select
        file_key,
        line_adjudication_index,
        sum(amount_usd) as adjusted_usd
    from raw_adjustments
    where line_adjudication_index is not null
    group by file_key, line_adjudication_index
)

select
    raw.file_key,
    raw.line_adjudication_index,
    raw.claim_index,
    raw.line_index,
    transaction_set.kind,
    coalesce(raw.payer_id, '') as payer_id,
    coalesce(raw.paid_usd, 0) as paid_usd,
    coalesce(adjusted.adjusted_usd, 0) as adjusted_usd,
    raw.payment_date
from raw_line_adjudications as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
left join adjusted -- absent: no adjustment
    on
        adjusted.file_key = raw.file_key
        and adjusted.line_adjudication_index = raw.line_adjudication_index
