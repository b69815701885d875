-- A payee has at most one open balance a plan, and never a negative one.
with open_balance as (
    select
        payment.employer_id,
        payment.plan_id,
        payment.payee_npi,
        payment.payee_tax_id,
        provider_adjustment.reference,
        -sum(provider_adjustment.amount_usd) as open_usd
    from provider_adjustment
    inner join payment on provider_adjustment.payment_id = payment.payment_id
    where provider_adjustment.reason_code = 'FB'
    group by
        payment.employer_id,
        payment.plan_id,
        payment.payee_npi,
        payment.payee_tax_id,
        provider_adjustment.reference
    having sum(provider_adjustment.amount_usd) <> 0
)

select
    employer_id,
    plan_id,
    payee_npi,
    payee_tax_id,
    count(*) as balance_count,
    min(open_usd) as least_open_usd
from open_balance
group by employer_id, plan_id, payee_npi, payee_tax_id
having count(*) > 1 or min(open_usd) < 0
