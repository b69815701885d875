-- Every payment with what it pays, how it travels and where its remittance is.
-- Grain: payment_id. Amounts: USD; a provider adjustment is positive where it reduces the payment.
with remittance as (
    select
        document_id,
        file_name
    from outbox
    where document_kind = '835'
)

-- No remittance: the payment is not released yet.
select
    payment.payment_id,
    payment.employer_id,
    cycle.funding_account_id,
    payment.cycle_id,
    cycle.night as cycle_night,
    payment.status as payment_status,
    payment.method as payment_method,
    payment.is_zero_pay,
    coalesce(payment.trace_number, '') as trace_number,
    payment.payee_npi,
    right(payment.payee_tax_id, 4) as payee_tax_id_last4,
    payment.payee_name,
    payment.claim_count,
    cast(payment.claims_usd as decimal(18, 2)) as claims_usd,
    cast(payment.provider_adjustment_usd as decimal(18, 2)) as provider_adjustment_usd,
    cast(payment.amount_usd as decimal(18, 2)) as amount_usd,
    payment.oldest_received_date,
    payment.released_date,
    payment.effective_date,
    coalesce(payment.remittance_document_id, '') as remittance_document_id,
    coalesce(remittance.file_name, '') as remittance_file_name,
    coalesce(payment.ach_document_id, '') as ach_document_id
from payment
inner join cycle on payment.cycle_id = cycle.cycle_id
left join remittance on payment.remittance_document_id = remittance.document_id
