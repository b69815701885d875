-- Totals of decided claims.
-- Grain: claim_key. Amounts: cents. Patient responsibility: every adjustment of group PR.
select
    claim_key,
    cast(sum(allowed_cents) as bigint) as allowed_cents,
    cast(sum(paid_cents) as bigint) as paid_cents,
    cast(
        sum(
            copay_cents
            + deductible_cents
            + coinsurance_cents
            + case when contractual_group_code = 'PR' then contractual_cents else 0 end
            + case when denied_group_code = 'PR' then denied_cents else 0 end
        ) as bigint
    ) as patient_responsibility_cents,
    max(case when is_paid then 1 else 0 end) = 1 as is_approved
from adjudication_line_result
group by claim_key
