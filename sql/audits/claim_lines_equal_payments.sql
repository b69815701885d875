-- Claims, reversals and payee balances of a cycle add up to its payments.
with line_total as (
    select cycle_id, sum(amount_usd) as amount_usd
    from funding_line
    where line_kind in ('CLAIMS', 'REVERSALS', 'INTEREST', 'FB')
    group by cycle_id
),

payment_total as (
    select cycle_id, sum(amount_usd) as amount_usd
    from payment
    group by cycle_id
)

-- Absent on one side: 0.00 on that side.
select
    coalesce(line_total.cycle_id, payment_total.cycle_id) as cycle_id,
    coalesce(line_total.amount_usd, 0) as lines_usd,
    coalesce(payment_total.amount_usd, 0) as payments_usd
from line_total
full join payment_total on line_total.cycle_id = payment_total.cycle_id
where coalesce(line_total.amount_usd, 0) <> coalesce(payment_total.amount_usd, 0)
