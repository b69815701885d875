-- Why the charge of a line was not paid, in the order the remittance sends it: what is above the
-- allowed amount, deductible, coinsurance, copay, what is not covered. Nothing is sent for zero.
-- Grain: line_key, adjustment_number. Amounts: cents.
with part as (
    select
        line_key,
        claim_key,
        line_number,
        1 as part_number,
        contractual_group_code as group_code,
        contractual_reason_code as reason_code,
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
        2 as part_number,
        'PR' as group_code,
        '1' as reason_code,
        deductible_cents as amount_cents,
        '' as remark_code,
        deciding_rule || ':deductible' as rule_id
    from adjudication_line_result
    where deductible_cents <> 0
    union all
    select
        line_key,
        claim_key,
        line_number,
        3 as part_number,
        'PR' as group_code,
        '2' as reason_code,
        coinsurance_cents as amount_cents,
        '' as remark_code,
        deciding_rule || ':coinsurance' as rule_id
    from adjudication_line_result
    where coinsurance_cents <> 0
    union all
    select
        line_key,
        claim_key,
        line_number,
        4 as part_number,
        'PR' as group_code,
        '3' as reason_code,
        copay_cents as amount_cents,
        '' as remark_code,
        deciding_rule || ':copay' as rule_id
    from adjudication_line_result
    where copay_cents <> 0
    union all
    select
        line_key,
        claim_key,
        line_number,
        5 as part_number,
        denied_group_code as group_code,
        denied_reason_code as reason_code,
        denied_cents as amount_cents,
        denied_remark_code as remark_code,
        deciding_rule as rule_id
    from adjudication_line_result
    where denied_cents <> 0
)

select
    part.line_key,
    part.claim_key,
    part.line_number,
    cast(
        1
        + case when part.part_number > 1 and line.contractual_cents <> 0 then 1 else 0 end
        + case when part.part_number > 2 and line.deductible_cents <> 0 then 1 else 0 end
        + case when part.part_number > 3 and line.coinsurance_cents <> 0 then 1 else 0 end
        + case when part.part_number > 4 and line.copay_cents <> 0 then 1 else 0 end
        as integer
    ) as adjustment_number,
    part.group_code,
    part.reason_code,
    part.amount_cents,
    part.remark_code,
    part.rule_id
from part
inner join adjudication_line_result as line on part.line_key = line.line_key
