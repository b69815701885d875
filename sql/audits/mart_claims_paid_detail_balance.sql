-- Every paid line adds up: charge = discount + not covered + member's part + prior payer + paid.
select
    decision_id,
    line_number,
    charge_usd
from mart_claims_paid_detail
where
    charge_usd <> discount_usd
    + above_allowed_usd
    + not_covered_usd
    + deductible_usd
    + coinsurance_usd
    + copay_usd
    + cob_usd
    + paid_usd
