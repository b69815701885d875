-- Claims paid of a cycle of the night are what its claims and reversals lines ask for.
with paid as (
    select
        cycle_id,
        sum(paid_usd) as paid_usd
    from mart_claims_paid_detail
    group by cycle_id
)

-- No paid lines: a cycle of fees alone.
select
    mart_funding_register.cycle_id,
    coalesce(paid.paid_usd, 0) as paid_usd,
    mart_funding_register.claims_usd + mart_funding_register.reversals_usd as funded_usd
from mart_funding_register
cross join business_day
left join paid on mart_funding_register.cycle_id = paid.cycle_id
where
    mart_funding_register.cycle_night = business_day.night
    and coalesce(paid.paid_usd, 0)
    <> mart_funding_register.claims_usd + mart_funding_register.reversals_usd
