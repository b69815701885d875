-- Charges of lines decided this night are what the plan paid plus the adjustments, by employer.
with line_total as (
    select
        claim_decision.night,
        claim_decision.employer_id,
        sum(line_decision.charge_usd - line_decision.paid_usd) as unpaid_usd
    from line_decision
    cross join business_day
    inner join claim_decision on line_decision.decision_id = claim_decision.decision_id
    where
        claim_decision.decision <> 'PENDED'
        and claim_decision.night = business_day.night
    group by claim_decision.night, claim_decision.employer_id
),

adjustment_total as (
    select
        night,
        employer_id,
        sum(amount_usd) as adjusted_usd
    from mart_claim_adjustment
    group by night, employer_id
)

-- No adjustments: every line was paid in full.
select
    line_total.night,
    line_total.employer_id,
    line_total.unpaid_usd,
    adjustment_total.adjusted_usd
from line_total
left join adjustment_total
    on
        line_total.night = adjustment_total.night
        and line_total.employer_id = adjustment_total.employer_id
where line_total.unpaid_usd <> coalesce(adjustment_total.adjusted_usd, 0)
