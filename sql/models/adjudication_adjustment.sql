-- Why the charge of a line was not paid, in the order the remittance sends it: what is above the
-- allowed amount, deductible, coinsurance, copay, what is not covered. Nothing is sent for zero.
-- Grain: line_key, adjustment_number. Amounts: cents.
select
    result.line_key,
    result.claim_key,
    result.line_number,
    1 as adjustment_number,
    result.contractual_group_code as group_code,
    case when result.contractual_cents > 0 then '45' else '94' end as reason_code,
    result.contractual_cents as amount_cents,
    '' as remark_code,
    case when result.is_by_schedule then price.schedule_rule else price.percent_rule end as rule_id
from adjudication_line_result as result
inner join configured_price as price on result.price_key = price.price_key
where result.contractual_cents <> 0
union all
select
    result.line_key,
    result.claim_key,
    result.line_number,
    1 + case when result.contractual_cents <> 0 then 1 else 0 end as adjustment_number,
    'PR' as group_code,
    '1' as reason_code,
    result.deductible_cents as amount_cents,
    '' as remark_code,
    benefit.rule_id
from adjudication_line_result as result
inner join configured_benefit as benefit on result.benefit_key = benefit.benefit_key
where result.deductible_cents <> 0
union all
select
    result.line_key,
    result.claim_key,
    result.line_number,
    1
    + case when result.contractual_cents <> 0 then 1 else 0 end
    + case when result.deductible_cents <> 0 then 1 else 0 end as adjustment_number,
    'PR' as group_code,
    '2' as reason_code,
    result.coinsurance_cents as amount_cents,
    '' as remark_code,
    benefit.rule_id
from adjudication_line_result as result
inner join configured_benefit as benefit on result.benefit_key = benefit.benefit_key
where result.coinsurance_cents <> 0
union all
select
    result.line_key,
    result.claim_key,
    result.line_number,
    1
    + case when result.contractual_cents <> 0 then 1 else 0 end
    + case when result.deductible_cents <> 0 then 1 else 0 end
    + case when result.coinsurance_cents <> 0 then 1 else 0 end as adjustment_number,
    'PR' as group_code,
    '3' as reason_code,
    result.copay_cents as amount_cents,
    '' as remark_code,
    benefit.rule_id
from adjudication_line_result as result
inner join configured_benefit as benefit on result.benefit_key = benefit.benefit_key
where result.copay_cents <> 0
union all
select
    result.line_key,
    result.claim_key,
    result.line_number,
    1 + case when result.contractual_cents <> 0 then 1 else 0 end as adjustment_number,
    coalesce(denial.group_code, 'PR') as group_code,
    coalesce(denial.reason_code, visit_limit.reason_code) as reason_code,
    result.denied_cents as amount_cents,
    coalesce(denial.remark_code, visit_limit.remark_code) as remark_code,
    coalesce(denial.rule_id, visit_limit.rule_id) as rule_id
from adjudication_line_result as result
-- Absent: a visit limit refuses the line.
left join adjudication_line_denial as denial on result.line_key = denial.line_key
-- Absent: a step before the cost share refuses the line.
left join configured_visit_limit as visit_limit on result.denied_limit_key = visit_limit.limit_key
where result.denied_cents <> 0
