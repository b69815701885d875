-- Lines of the night's decisions; a decision taken back repeats its stored lines negated.
-- Grain: decision_number, line_number. Amounts: cents.
with decision as (
    select
        number.decision_number,
        line.line_number,
        line.service_date,
        line.service_end_date,
        line.procedure_code,
        line.modifiers,
        line.unit_thousandths,
        line.diagnosis_code,
        coalesce(category.category_id, '') as service_category,
        result.charge_cents,
        result.allowed_cents,
        result.copay_cents,
        result.deductible_cents,
        result.coinsurance_cents,
        result.paid_cents,
        case when result.is_paid then 'PAID' else 'DENIED' end as line_outcome,
        coalesce(denial.rule_id, visit_limit.rule_id, benefit.rule_id) as deciding_rule,
        case when result.is_by_schedule then price.schedule_rule
            else coalesce(price.percent_rule, '')
        end as pricing_rule,
        line.line_control_number,
        line.byte_start,
        line.byte_end
    from adjudication_line_result as result
    inner join adjudication_line as line on result.line_key = line.line_key
    inner join adjudication_decision_number as number on result.claim_key = number.claim_key
    -- Absent: denied before the line was classified.
    left join configured_category as category on result.category_key = category.category_key
    -- Absent: denied before the cost share.
    left join configured_benefit as benefit on result.benefit_key = benefit.benefit_key
    -- Absent: the same.
    left join configured_price as price on result.price_key = price.price_key
    -- Absent: no visit limit refuses the line.
    left join configured_visit_limit as visit_limit
        on result.denied_limit_key = visit_limit.limit_key
    -- Absent: no step before the cost share refuses the line.
    left join adjudication_line_denial as denial on result.line_key = denial.line_key
    union all
    select
        number.decision_number,
        stored.line_number,
        stored.service_date,
        stored.service_end_date,
        stored.procedure_code,
        stored.modifiers,
        cast(stored.unit_count * 1000 as bigint) as unit_thousandths,
        stored.diagnosis_code,
        stored.service_category,
        cast(stored.charge_usd * -100 as bigint) as charge_cents,
        cast(stored.allowed_usd * -100 as bigint) as allowed_cents,
        cast(stored.copay_usd * -100 as bigint) as copay_cents,
        cast(stored.deductible_usd * -100 as bigint) as deductible_cents,
        cast(stored.coinsurance_usd * -100 as bigint) as coinsurance_cents,
        cast(stored.paid_usd * -100 as bigint) as paid_cents,
        stored.line_outcome,
        stored.deciding_rule,
        stored.pricing_rule,
        stored.line_control_number,
        stored.byte_start,
        stored.byte_end
    from adjudication_decision_number as number
    inner join decided_line as stored on number.stored_decision_id = stored.decision_id
)

select
    decision_number,
    line_number,
    service_date,
    service_end_date,
    procedure_code,
    modifiers,
    unit_thousandths,
    diagnosis_code,
    service_category,
    charge_cents,
    allowed_cents,
    copay_cents,
    deductible_cents,
    coinsurance_cents,
    paid_cents,
    line_outcome,
    deciding_rule,
    pricing_rule,
    line_control_number,
    byte_start,
    byte_end
from decision
order by decision_number, line_number
