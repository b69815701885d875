-- CLM02 must be there and not negative; a charge of zero is a charge.
select
    claim.file_key,
    claim.claim_index
from claim
where claim.charge_usd is null or claim.charge_usd < 0
