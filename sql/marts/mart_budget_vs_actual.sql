-- What each employer budgeted and what it cost so far, by month and year to date.
-- Grain: employer_id, component_id, month. Amounts: USD; a variance is budget less actual: positive
-- is a surplus the employer keeps, negative a shortfall it pays.
-- Actual is the movement of the component's expense accounts in the ledger, by business date;
-- months after the night have none. Percentages are basis points of the budget, rounded half away
-- from zero.
with account_posting as (
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

actual_month as (
    select
        budget_account.employer_id,
        budget_account.component_id,
        cast(date_trunc('month', cast(account_posting.business_date as date)) as date) as month,
        sum(
            case
                when budget_account.account_role = 'EXPENSE' then account_posting.debit_cents
                else 0
            end
        ) as actual_cents,
        sum(
            case
                when budget_account.account_role = 'RECOVERY' then -account_posting.debit_cents
                else 0
            end
        ) as recovery_cents
    from account_posting
    cross join business_day
    inner join account_owner
        on account_posting.funding_account_id = account_owner.funding_account_id
    inner join budget_account
        on
            account_owner.employer_id = budget_account.employer_id
            and account_posting.account = budget_account.account
            and budget_account.budget_year = extract(year from account_posting.business_date)
    where account_posting.business_date <= business_day.night
    group by
        budget_account.employer_id,
        budget_account.component_id,
        cast(date_trunc('month', cast(account_posting.business_date as date)) as date)
),

-- No actual: nothing was posted, which is 0 once the month has begun and unknown before.
month_figure as (
    select
        budget.employer_id,
        budget.component_id,
        budget.description,
        budget.month,
        extract(year from budget.month) as budget_year,
        extract(month from budget.month) as month_number,
        cast(budget.annual_budget_usd * 100 as bigint) as annual_cents,
        cast(budget.budget_usd * 100 as bigint) as budget_cents,
        case
            when budget.month <= business_day.night
                then cast(coalesce(actual_month.actual_cents, 0) as bigint)
        end as actual_cents,
        case
            when budget.month <= business_day.night
                then cast(coalesce(actual_month.recovery_cents, 0) as bigint)
        end as recovery_cents
    from budget
    cross join business_day
    left join actual_month
        on
            budget.employer_id = actual_month.employer_id
            and budget.component_id = actual_month.component_id
            and budget.month = actual_month.month
),

year_to_date as (
    select
        employer_id,
        component_id,
        description,
        month,
        budget_year,
        month_number,
        annual_cents,
        budget_cents,
        actual_cents,
        recovery_cents,
        budget_cents - actual_cents as variance_cents,
        sum(budget_cents) over year_so_far as ytd_budget_cents,
        case when actual_cents is not null then sum(actual_cents) over year_so_far end
            as ytd_actual_cents,
        case when recovery_cents is not null then sum(recovery_cents) over year_so_far end
            as ytd_recovery_cents
    from month_figure
    window year_so_far as (partition by employer_id, component_id, budget_year order by month)
),

-- Projection: the months left cost what the months begun did on average, so the year costs
-- year to date x 12 / months begun, rounded half away from zero to the cent.
projection as (
    select
        employer_id,
        component_id,
        description,
        month,
        budget_year,
        annual_cents,
        budget_cents,
        actual_cents,
        recovery_cents,
        variance_cents,
        cast(ytd_budget_cents as bigint) as ytd_budget_cents,
        cast(ytd_actual_cents as bigint) as ytd_actual_cents,
        cast(ytd_recovery_cents as bigint) as ytd_recovery_cents,
        cast(ytd_budget_cents - ytd_actual_cents as bigint) as ytd_variance_cents,
        cast(
            cast(sign(ytd_actual_cents) as bigint)
            * ((abs(cast(ytd_actual_cents as bigint)) * 24 + month_number) // (2 * month_number))
            as bigint
        ) as projected_cents
    from year_to_date
),

threshold as (
    select
        employer_id,
        component_id,
        month,
        budget_year,
        case when ytd_actual_cents > ytd_budget_cents then 1 else 0 end as is_over,
        case when projected_cents * 10 > annual_cents * 11 then 1 else 0 end as is_projected_over
    from projection
),

-- An alert is raised in the first month of the year that passes its threshold, and only there.
alert as (
    select
        employer_id,
        component_id,
        month,
        is_over = 1 and sum(is_over) over year_so_far = 1 as raises_ytd_alert,
        is_projected_over = 1 and sum(is_projected_over) over year_so_far = 1
            as raises_projection_alert
    from threshold
    window year_so_far as (partition by employer_id, component_id, budget_year order by month)
),

-- Cents to dollars: one exact factor for all columns.
unit as (
    select cast(0.01 as decimal(3, 2)) as cent
)

select
    projection.employer_id,
    projection.component_id,
    projection.description,
    projection.month,
    cast(cast(projection.budget_cents as decimal(18, 0)) * unit.cent as decimal(18, 2))
        as budget_usd,
    cast(cast(projection.actual_cents as decimal(18, 0)) * unit.cent as decimal(18, 2))
        as actual_usd,
    cast(cast(projection.recovery_cents as decimal(18, 0)) * unit.cent as decimal(18, 2))
        as recovery_usd,
    cast(cast(projection.variance_cents as decimal(18, 0)) * unit.cent as decimal(18, 2))
        as variance_usd,
    cast(sign(projection.variance_cents) as bigint)
    * (
        (abs(projection.variance_cents) * 20000 + projection.budget_cents)
        // nullif(2 * projection.budget_cents, 0)
    ) as variance_basis_points,
    cast(cast(projection.ytd_budget_cents as decimal(18, 0)) * unit.cent as decimal(18, 2))
        as ytd_budget_usd,
    cast(cast(projection.ytd_actual_cents as decimal(18, 0)) * unit.cent as decimal(18, 2))
        as ytd_actual_usd,
    cast(cast(projection.ytd_recovery_cents as decimal(18, 0)) * unit.cent as decimal(18, 2))
        as ytd_recovery_usd,
    cast(cast(projection.ytd_variance_cents as decimal(18, 0)) * unit.cent as decimal(18, 2))
        as ytd_variance_usd,
    cast(sign(projection.ytd_variance_cents) as bigint)
    * (
        (abs(projection.ytd_variance_cents) * 20000 + projection.ytd_budget_cents)
        // nullif(2 * projection.ytd_budget_cents, 0)
    ) as ytd_variance_basis_points,
    case
        when projection.ytd_variance_cents is not null
            then
                cast(
                    cast(greatest(projection.ytd_variance_cents, 0) as decimal(18, 0)) * unit.cent
                    as decimal(18, 2)
                )
    end as ytd_surplus_usd,
    case
        when projection.ytd_variance_cents is not null
            then
                cast(
                    cast(greatest(-projection.ytd_variance_cents, 0) as decimal(18, 0)) * unit.cent
                    as decimal(18, 2)
                )
    end as ytd_shortfall_usd,
    case
        when projection.ytd_variance_cents is not null
            then
                cast(
                    cast(
                        greatest(
                            -projection.ytd_variance_cents - projection.ytd_recovery_cents, 0
                        ) as decimal(18, 0)
                    ) * unit.cent
                    as decimal(18, 2)
                )
    end as ytd_net_shortfall_usd,
    cast(cast(projection.annual_cents as decimal(18, 0)) * unit.cent as decimal(18, 2))
        as annual_budget_usd,
    cast(cast(projection.projected_cents as decimal(18, 0)) * unit.cent as decimal(18, 2))
        as projected_usd,
    cast(sign(projection.projected_cents) as bigint)
    * (
        (abs(projection.projected_cents) * 20000 + projection.annual_cents)
        // nullif(2 * projection.annual_cents, 0)
    ) as projected_basis_points,
    alert.raises_ytd_alert,
    alert.raises_projection_alert
from projection
cross join unit
inner join alert
    on
        projection.employer_id = alert.employer_id
        and projection.component_id = alert.component_id
        and projection.month = alert.month
