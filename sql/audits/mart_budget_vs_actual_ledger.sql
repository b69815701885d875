-- Actual cost by component adds up to the movement of the budgeted accounts in the ledger.
with posting as (
    select
        funding_account_id,
        debit_account as account,
        business_date,
        amount_cents as debit_cents
    from transfer
    union all
    select
        funding_account_id,
        credit_account as account,
        business_date,
        -amount_cents as debit_cents
    from transfer
),

account_owner as (
    select distinct
        funding_account_id,
        employer_id
    from cycle
),

posted as (
    select
        account_owner.employer_id,
        sum(posting.debit_cents) as net_cents
    from posting
    cross join business_day
    inner join account_owner on posting.funding_account_id = account_owner.funding_account_id
    where
        posting.business_date <= business_day.night
        and exists (
            select 1
            from budget_account
            where
                budget_account.employer_id = account_owner.employer_id
                and budget_account.account = posting.account
                and budget_account.budget_year = extract(year from posting.business_date)
        )
    group by account_owner.employer_id
),

reported as (
    select
        employer_id,
        sum(cast((coalesce(actual_usd, 0) - coalesce(recovery_usd, 0)) * 100 as bigint))
            as net_cents
    from mart_budget_vs_actual
    group by employer_id
)

select
    coalesce(posted.employer_id, reported.employer_id) as employer_id,
    posted.net_cents as posted_cents,
    reported.net_cents as reported_cents
from posted
full outer join reported on posted.employer_id = reported.employer_id
where coalesce(posted.net_cents, 0) <> coalesce(reported.net_cents, 0)
