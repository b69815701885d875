-- CLM02 = sum of SV102 (SV203, SV302), to the cent.
select
    claim.file_key,
    claim.claim_index
from claim
left join line_total
    on
        line_total.file_key = claim.file_key
        and line_total.claim_index = claim.claim_index
where claim.charge_usd <> coalesce(line_total.charge_usd, 0)
