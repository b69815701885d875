-- What each employer was asked for in each cycle, what it paid in, and how old the rest is.
-- Grain: cycle_id. Amounts: USD, signs as on the request (a reversal is negative).
-- Reads funding lines, requests and deposit allocations; `business_day` is the night built for.
with line_total as (
    select
        cycle_id,
        sum(case when line_kind = 'CLAIMS' then quantity else 0 end) as claim_count,
        sum(case when line_kind = 'CLAIMS' then amount_usd else 0 end) as claims_usd,
        sum(case when line_kind = 'REVERSALS' then amount_usd else 0 end) as reversals_usd,
        sum(case when line_kind = 'FB' then amount_usd else 0 end) as payee_balance_usd,
        sum(
            case
                when line_kind = 'FEE' and waterfall_class = 'ADMINISTRATION' then amount_usd
                else 0
            end
        ) as administration_fee_usd,
        sum(
            case
                when line_kind = 'FEE' and waterfall_class <> 'ADMINISTRATION' then amount_usd
                else 0
            end
        ) as other_fee_usd,
        sum(case when line_kind = 'PREMIUM' then amount_usd else 0 end) as premium_usd,
        sum(case when line_kind = 'RETRO' then amount_usd else 0 end) as retro_usd,
        sum(case when line_kind = 'CREDIT' then amount_usd else 0 end) as credit_usd,
        sum(case when line_kind = 'PRIOR_BALANCE' then amount_usd else 0 end) as prior_balance_usd
    from funding_line
    group by cycle_id
),

allocated_by_day as (
    select
        deposit_allocation.cycle_id,
        deposit.received_date,
        sum(deposit_allocation.amount_usd) as amount_usd
    from deposit_allocation
    inner join deposit on deposit_allocation.bank_reference = deposit.bank_reference
    group by deposit_allocation.cycle_id, deposit.received_date
),

running_deposit as (
    select
        cycle_id,
        received_date,
        amount_usd,
        sum(amount_usd) over (partition by cycle_id order by received_date) as received_so_far_usd
    from allocated_by_day
),

deposited as (
    select
        running_deposit.cycle_id,
        sum(running_deposit.amount_usd) as deposited_usd,
        min(
            case
                when running_deposit.received_so_far_usd >= funding_request.request_usd
                    then running_deposit.received_date
            end
        ) as funded_date
    from running_deposit
    inner join funding_request on running_deposit.cycle_id = funding_request.cycle_id
    group by running_deposit.cycle_id
),

-- Numbers are given when a cycle is calculated; nobody owes anything before it is requested.
issued_request as (
    select
        funding_request.cycle_id,
        funding_request.request_usd
    from funding_request
    inner join cycle on funding_request.cycle_id = cycle.cycle_id
    where cycle.state not in ('CALCULATED', 'APPROVED', 'CANCELLED')
),

-- No request: the cycle is being calculated. No issued request: nobody was asked yet.
-- No deposit: nothing came in so far.
register as (
    select
        cycle.employer_id,
        cycle.funding_account_id,
        cycle.cycle_id,
        cycle.cycle_date,
        cycle.night as cycle_night,
        cycle.state as cycle_state,
        funding_request.funding_request_number,
        case when issued_request.cycle_id is not null then funding_request.request_date end
            as request_date,
        case when issued_request.cycle_id is not null then funding_request.due_date end
            as due_date,
        coalesce(line_total.claim_count, 0) as claim_count,
        coalesce(line_total.claims_usd, 0) as claims_usd,
        coalesce(line_total.reversals_usd, 0) as reversals_usd,
        coalesce(line_total.payee_balance_usd, 0) as payee_balance_usd,
        coalesce(line_total.administration_fee_usd, 0) as administration_fee_usd,
        coalesce(line_total.other_fee_usd, 0) as other_fee_usd,
        coalesce(line_total.premium_usd, 0) as premium_usd,
        coalesce(line_total.retro_usd, 0) as retro_usd,
        coalesce(line_total.credit_usd, 0) as credit_usd,
        coalesce(line_total.prior_balance_usd, 0) as prior_balance_usd,
        coalesce(funding_request.net_usd, 0) as net_usd,
        coalesce(funding_request.request_usd, 0) as request_usd,
        coalesce(funding_request.carried_usd, 0) as carried_usd,
        coalesce(deposited.deposited_usd, 0) as deposited_usd,
        -- A request of 0.00 asks for nothing and is funded the day it is made.
        case
            when issued_request.request_usd = 0 then funding_request.request_date
            else deposited.funded_date
        end as funded_date,
        coalesce(issued_request.request_usd, 0) - coalesce(deposited.deposited_usd, 0)
            as balance_usd,
        date_diff('day', funding_request.request_date, business_day.night) as days_since_request
    from cycle
    cross join business_day
    left join funding_request on cycle.cycle_id = funding_request.cycle_id
    left join issued_request on cycle.cycle_id = issued_request.cycle_id
    left join line_total on cycle.cycle_id = line_total.cycle_id
    left join deposited on cycle.cycle_id = deposited.cycle_id
)

select
    employer_id,
    funding_account_id,
    cycle_id,
    cycle_date,
    cycle_night,
    cycle_state,
    funding_request_number,
    request_date,
    due_date,
    cast(claim_count as bigint) as claim_count,
    cast(claims_usd as decimal(18, 2)) as claims_usd,
    cast(reversals_usd as decimal(18, 2)) as reversals_usd,
    cast(payee_balance_usd as decimal(18, 2)) as payee_balance_usd,
    cast(administration_fee_usd as decimal(18, 2)) as administration_fee_usd,
    cast(other_fee_usd as decimal(18, 2)) as other_fee_usd,
    cast(premium_usd as decimal(18, 2)) as premium_usd,
    cast(retro_usd as decimal(18, 2)) as retro_usd,
    cast(credit_usd as decimal(18, 2)) as credit_usd,
    cast(prior_balance_usd as decimal(18, 2)) as prior_balance_usd,
    cast(net_usd as decimal(18, 2)) as net_usd,
    cast(request_usd as decimal(18, 2)) as request_usd,
    cast(carried_usd as decimal(18, 2)) as carried_usd,
    cast(deposited_usd as decimal(18, 2)) as deposited_usd,
    funded_date,
    cast(balance_usd as decimal(18, 2)) as balance_usd,
    -- Calendar days; the age of what is open, so empty once nothing is.
    case
        when balance_usd <= 0 then ''
        when days_since_request <= 2 then '0-2'
        when days_since_request <= 5 then '3-5'
        when days_since_request <= 10 then '6-10'
        when days_since_request <= 30 then '11-30'
        when days_since_request <= 60 then '31-60'
        else 'over 60'
    end as age_bucket
from register
