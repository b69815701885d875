-- A request is the sum of its lines: asked for when positive, carried forward when negative.
select
    cycle_id,
    net_usd,
    request_usd
from mart_funding_register
where
    funding_request_number is not null
    and (
        net_usd <> claims_usd
        + reversals_usd
        + payee_balance_usd
        + administration_fee_usd
        + other_fee_usd
        + premium_usd
        + retro_usd
        + credit_usd
        + prior_balance_usd
        or request_usd <> greatest(net_usd, 0)
        or carried_usd <> least(net_usd, 0)
    )
