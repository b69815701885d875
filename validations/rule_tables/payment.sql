-- Payments of accepted remittance sets with what their claims and provider adjustments come to.
-- Grain: file_key, payment_index. One a set. `owed_usd` is the sum of the claims less that of the provider
-- adjustments; `sent_usd` is what BPR says, negative where BPR03 debits the payee.
with claims as (
    select
        file_key,
        set_index,
        count(*) as claim_count,
        sum(paid_usd) as paid_usd
    from raw_claim_payments
    group by file_key, set_index
),

adjusted as (
    select
        file_key,
        set_index,
        sum(amount_usd) as adjusted_usd
    from raw_provider_adjustments
    group by file_key, set_index
)

select
    raw.file_key,
    raw.payment_index,
    raw.set_index,
    transaction_set.kind,
    raw.segment_start,
    raw.byte_start,
    coalesce(raw.handling_code, '') as handling_code,
    coalesce(raw.method_code, '') as method_code,
    raw.payment_usd,
    case
        when raw.credit_or_debit_code = 'D' then -raw.payment_usd else raw.payment_usd
    end as sent_usd,
    coalesce(claims.paid_usd, 0) - coalesce(adjusted.adjusted_usd, 0) as owed_usd,
    coalesce(claims.claim_count, 0) as claim_count,
    coalesce(raw.format_code, '') as format_code,
    coalesce(raw.sender_bank, '') as sender_bank,
    coalesce(raw.sender_account, '') as sender_account,
    coalesce(raw.receiver_bank, '') as receiver_bank,
    coalesce(raw.receiver_account, '') as receiver_account,
    coalesce(raw.originating_company_id, '') as originating_company_id,
    case
        when raw.payee_identification_qualifier = 'XX' then coalesce(raw.payee_identification, '')
        else ''
    end as payee_npi,
    coalesce(raw.trace_number, '') as trace_number,
    coalesce(raw.trace_company_id, '') as trace_company_id
from raw_payments as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
left join claims -- absent: a payment without claims
    on
        claims.file_key = raw.file_key
        and claims.set_index = raw.set_index
left join adjusted -- absent: no provider adjustment
    on
        adjusted.file_key = raw.file_key
        and adjusted.set_index = raw.set_index
