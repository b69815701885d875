-- A payer of whom only the payment is known tells nothing of adjustments: there is nothing to balance.
select distinct
    claim.file_key,
    claim.claim_index
from other_payer
inner join claim
    on
        claim.file_key = other_payer.file_key
        and claim.claim_index = other_payer.claim_index
where
    other_payer.payer_paid_usd is not null
    and (other_payer.adjusted_usd <> 0 or other_payer.line_count > 0)
    and claim.charge_usd
    <> other_payer.payer_paid_usd + other_payer.adjusted_usd + other_payer.lines_adjusted_usd
