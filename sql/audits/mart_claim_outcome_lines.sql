-- What the decisions of the night say they paid is what their lines paid, by employer.
with line_total as (
    select
        claim_decision.night,
        claim_decision.employer_id,
        sum(line_decision.paid_usd) as paid_usd
    from line_decision
    cross join business_day
    inner join claim_decision on line_decision.decision_id = claim_decision.decision_id
    where claim_decision.night = business_day.night
    group by claim_decision.night, claim_decision.employer_id
),

outcome_total as (
    select
        night,
        employer_id,
        sum(paid_usd) as paid_usd
    from mart_claim_outcome
    where outcome <> 'REJECTED'
    group by night, employer_id
)

-- No lines: every decision of the night is pended.
select
    outcome_total.night,
    outcome_total.employer_id,
    outcome_total.paid_usd
from outcome_total
left join line_total
    on
        outcome_total.night = line_total.night
        and outcome_total.employer_id = line_total.employer_id
where outcome_total.paid_usd <> coalesce(line_total.paid_usd, 0)
