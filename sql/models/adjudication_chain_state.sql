-- Chains that tonight's valid replacements and voids act on.
-- Grain: chain_icn. is_voided: a void is among them. last_claim_key: the last one that acts.
select
    chain_icn,
    max(case when claim_frequency_code = '8' then 1 else 0 end) = 1 as is_voided,
    max(claim_key) as last_claim_key
from adjudication_event
where event_status = 'VALID'
group by chain_icn
