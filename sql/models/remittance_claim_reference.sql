-- REF of a claim: the number of the claim it replaces (F8).
-- Grain: claim_row, in its order.
select
    claim_row as parent_row,
    'F8' as qualifier,
    original_icn as "value"
from remittance_claim
where original_icn is not null
order by claim_row
