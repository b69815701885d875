-- Totals of decided claims.
-- Grain: claim_key. Amounts: cents. Patient responsibility: every adjustment of group PR.
with denied as (
    select
        result.claim_key,
        cast(sum(result.denied_cents) as bigint) as patient_cents
    from adjudication_line_result as result
    -- Absent: a visit limit refuses the line, which the patient pays for.
    left join adjudication_line_denial as denial on result.line_key = denial.line_key
    where
        result.denied_cents <> 0
        and coalesce(denial.group_code, 'PR') = 'PR'
    group by result.claim_key
),

total as (
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
            ) as bigint
        ) as patient_cents,
        max(case when is_paid then 1 else 0 end) = 1 as is_approved
    from adjudication_line_result
    group by claim_key
)

select
    total.claim_key,
    total.allowed_cents,
    total.paid_cents,
    total.patient_cents + coalesce(denied.patient_cents, 0) as patient_responsibility_cents,
    total.is_approved
from total
-- Absent: the patient pays for no refused line.
left join denied on total.claim_key = denied.claim_key
