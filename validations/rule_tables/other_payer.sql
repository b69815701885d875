-- Other payers of claims with what they paid and adjusted, on the claim and on its lines.
-- Grain: file_key, other_payer_index. `line_count` is 0 where the payer told nothing of lines.
with adjusted as (
    select
        file_key,
        other_payer_index,
        sum(amount_usd) as adjusted_usd
    from raw_adjustments
    where other_payer_index is not null and line_adjudication_index is null
    group by file_key, other_payer_index
),

of_lines as (
    select
        file_key,
        claim_index,
        payer_id,
        count(*) as line_count,
        sum(paid_usd) as paid_usd,
        sum(adjusted_usd) as adjusted_usd,
        max(payment_date) as payment_date
    from line_adjudication
    group by file_key, claim_index, payer_id
)

select
    raw.file_key,
    raw.other_payer_index,
    raw.claim_index,
    transaction_set.kind,
    coalesce(raw.payer_responsibility_code, '') as payer_responsibility_code,
    coalesce(raw.payer_id, '') as payer_id,
    raw.payer_paid_usd,
    coalesce(adjusted.adjusted_usd, 0) as adjusted_usd,
    coalesce(of_lines.line_count, 0) as line_count,
    coalesce(of_lines.paid_usd, 0) as lines_paid_usd,
    coalesce(of_lines.adjusted_usd, 0) as lines_adjusted_usd,
    coalesce(raw.payment_date, of_lines.payment_date) as payment_date
from raw_other_payers as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
left join adjusted -- absent: no adjustment on the claim
    on
        adjusted.file_key = raw.file_key
        and adjusted.other_payer_index = raw.other_payer_index
left join of_lines -- absent: nothing of lines
    on
        of_lines.file_key = raw.file_key
        and of_lines.claim_index = raw.claim_index
        and of_lines.payer_id = raw.payer_id
