-- Lines of the night's decisions as the warehouse keeps them; a reversal repeats its lines negated.
-- Grain: decision_id, line_number.
with decision as (
    select
        claim.icn as decision_id,
        line.line_number,
        line.service_date,
        line.service_end_date,
        line.procedure_code,
        line.modifiers,
        cast(cast(line.unit_thousandths as decimal(18, 0)) * 0.001 as decimal(15, 3)) as unit_count,
        line.diagnosis_code,
        result.category_id as service_category,
        cast(cast(result.charge_cents as decimal(18, 0)) * 0.01 as decimal(14, 2)) as charge_usd,
        cast(cast(result.allowed_cents as decimal(18, 0)) * 0.01 as decimal(14, 2)) as allowed_usd,
        cast(cast(result.copay_cents as decimal(18, 0)) * 0.01 as decimal(14, 2)) as copay_usd,
        cast(cast(result.deductible_cents as decimal(18, 0)) * 0.01 as decimal(14, 2))
            as deductible_usd,
        cast(cast(result.coinsurance_cents as decimal(18, 0)) * 0.01 as decimal(14, 2))
            as coinsurance_usd,
        cast(cast(result.paid_cents as decimal(18, 0)) * 0.01 as decimal(14, 2)) as paid_usd,
        result.line_outcome,
        result.deciding_rule,
        result.pricing_rule,
        line.line_control_number,
        line.byte_start,
        line.byte_end
    from adjudication_line_result as result
    inner join adjudication_line as line on result.line_key = line.line_key
    inner join adjudication_claim as claim on result.claim_key = claim.claim_key
    union all
    select
        stored.decision_id || 'R' as decision_id,
        stored.line_number,
        stored.service_date,
        stored.service_end_date,
        stored.procedure_code,
        stored.modifiers,
        stored.unit_count,
        stored.diagnosis_code,
        stored.service_category,
        -stored.charge_usd as charge_usd,
        -stored.allowed_usd as allowed_usd,
        -stored.copay_usd as copay_usd,
        -stored.deductible_usd as deductible_usd,
        -stored.coinsurance_usd as coinsurance_usd,
        -stored.paid_usd as paid_usd,
        stored.line_outcome,
        stored.deciding_rule,
        stored.pricing_rule,
        stored.line_control_number,
        stored.byte_start,
        stored.byte_end
    from adjudication_reversal as reversal
    inner join decided_line as stored on reversal.decision_id = stored.decision_id
)

select
    decision_id,
    line_number,
    service_date,
    service_end_date,
    procedure_code,
    modifiers,
    unit_count,
    diagnosis_code,
    service_category,
    charge_usd,
    allowed_usd,
    copay_usd,
    deductible_usd,
    coinsurance_usd,
    paid_usd,
    line_outcome,
    deciding_rule,
    pricing_rule,
    line_control_number,
    byte_start,
    byte_end
from decision
order by decision_id collate "C", line_number
