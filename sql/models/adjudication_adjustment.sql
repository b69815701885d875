-- Why the charge of a line was not paid, in the order the remittance sends it: what is above the
-- allowed amount, deductible, coinsurance, copay, what is not covered. Nothing is sent for zero.
-- Grain: line_key, adjustment_number. Amounts: cents.
select
    line_key,
    claim_key,
    line_number,
    1 as adjustment_number,
    contractual_group_code as group_code,
    case when contractual_cents > 0 then '45' else '94' end as reason_code,
    contractual_cents as amount_cents,
    '' as remark_code,
    pricing_rule as rule_id
from adjudication_line_result
where contractual_cents <> 0
union all
select
    line_key,
    claim_key,
    line_number,
    1 + case when contractual_cents <> 0 then 1 else 0 end as adjustment_number,
    'PR' as group_code,
    '1' as reason_code,
    deductible_cents as amount_cents,
    '' as remark_code,
    deciding_rule as rule_id
from adjudication_line_result
where deductible_cents <> 0
union all
select
    line_key,
    claim_key,
    line_number,
    1
    + case when contractual_cents <> 0 then 1 else 0 end
    + case when deductible_cents <> 0 then 1 else 0 end as adjustment_number,
    'PR' as group_code,
    '2' as reason_code,
    coinsurance_cents as amount_cents,
    '' as remark_code,
    deciding_rule as rule_id
from adjudication_line_result
where coinsurance_cents <> 0
union all
select
    line_key,
    claim_key,
    line_number,
    1
    + case when contractual_cents <> 0 then 1 else 0 end
    + case when deductible_cents <> 0 then 1 else 0 end
    + case when coinsurance_cents <> 0 then 1 else 0 end as adjustment_number,
    'PR' as group_code,
    '3' as reason_code,
    copay_cents as amount_cents,
    '' as remark_code,
    deciding_rule as rule_id
from adjudication_line_result
where copay_cents <> 0
union all
select
    line_key,
    claim_key,
    line_number,
    1 + case when contractual_cents <> 0 then 1 else 0 end as adjustment_number,
    denied_group_code as group_code,
    denied_reason_code as reason_code,
    denied_cents as amount_cents,
    denied_remark_code as remark_code,
    deciding_rule as rule_id
from adjudication_line_result
where denied_cents <> 0
