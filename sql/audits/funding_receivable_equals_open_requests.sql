-- 1100 is what employers were asked for and have not paid: requests less deposits placed on them.
with receivable as (
    select funding_account_id, sum(cents) as cents
    from (
        select funding_account_id, amount_cents as cents
        from transfer
        where debit_account = '1100'
        union all
        select funding_account_id, -amount_cents as cents
        from transfer
        where credit_account = '1100'
    ) as posting
    group by funding_account_id
),

open_request as (
    select funding_account_id, sum(cents) as cents
    from (
        select
            cycle.funding_account_id,
            cast(funding_request.request_usd * 100 as bigint) as cents
        from funding_request
        inner join cycle on funding_request.cycle_id = cycle.cycle_id
        where cycle.state not in ('CALCULATED', 'APPROVED', 'CANCELLED')
        union all
        select
            cycle.funding_account_id,
            -cast(deposit_allocation.amount_usd * 100 as bigint) as cents
        from deposit_allocation
        inner join cycle on deposit_allocation.cycle_id = cycle.cycle_id
    ) as movement
    group by funding_account_id
)

-- Absent on one side: 0 on that side.
select
    coalesce(receivable.funding_account_id, open_request.funding_account_id) as funding_account_id,
    coalesce(receivable.cents, 0) as ledger_cents,
    coalesce(open_request.cents, 0) as request_cents
from receivable
full join open_request on receivable.funding_account_id = open_request.funding_account_id
where coalesce(receivable.cents, 0) <> coalesce(open_request.cents, 0)
