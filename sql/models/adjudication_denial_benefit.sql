-- Lines denied by steps 8 to 13: copies, exclusions, categories the plan does not cover.
-- Grain: line_key, step.
with copy as (
    select line_key
    from adjudication_duplicate
    where is_exact
)

select
    line_key,
    8 as step,
    'OA' as group_code,
    '18' as reason_code,
    '' as remark_code,
    'duplicate:exact' as rule_id
from copy
union all
select
    service.line_key,
    13 as step,
    exclusion.group_code,
    exclusion.reason_code,
    exclusion.remark_code,
    exclusion.rule_id
from adjudication_line_benefit as service
inner join configured_exclusion as exclusion on service.exclusion_key = exclusion.exclusion_key
union all
select
    service.line_key,
    13 as step,
    benefit.group_code,
    benefit.reason_code,
    benefit.remark_code,
    benefit.rule_id
from adjudication_line_benefit as service
inner join configured_benefit as benefit on service.benefit_key = benefit.benefit_key
-- The exclusion is looked at first.
where
    service.exclusion_key is null
    and not service.is_covered
