-- What the plan says about a kind of service: its category and the exclusion that fits.
-- Grain: plan_key, procedure_code, modifiers, place_code, taxonomy_code. The first that fits wins;
-- null: none does. A match fits when every criterion it names does.
with service as (
    select distinct
        line_plan.plan_key,
        line.procedure_code,
        line.modifiers,
        line.place_code,
        line.taxonomy_code
    from adjudication_line as line
    inner join adjudication_line_plan as line_plan on line.line_key = line_plan.line_key
    where line_plan.plan_key is not null
),

code as (
    select distinct
        procedure_code,
        translate(
            procedure_code,
            '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
            '9999999999AAAAAAAAAAAAAAAAAAAAAAAAAA'
        ) as shape
    from service
),

-- A range holds the codes between its ends whose letters stand where the ends have letters.
fitting_procedure as (
    select distinct
        range.match_key,
        code.procedure_code
    from code
    inner join configured_match_procedure as range
        on
            code.procedure_code between range.low_code and range.high_code
            and code.shape = translate(
                range.low_code,
                '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
                '9999999999AAAAAAAAAAAAAAAAAAAAAAAAAA'
            )
),

modified as (
    select distinct modifiers
    from service
),

fitting_modifier as (
    select distinct
        wanted.match_key,
        modified.modifiers
    from modified
    inner join configured_match_value as wanted
        on
            wanted.criterion = 'modifier'
            and position(':' || wanted.value || ':' in ':' || modified.modifiers || ':') > 0
),

fitting_place as (
    select distinct
        match_key,
        value as place_code
    from configured_match_value
    where criterion = 'place'
),

specialty as (
    select distinct taxonomy_code
    from service
),

fitting_taxonomy as (
    select distinct
        wanted.match_key,
        specialty.taxonomy_code
    from specialty
    inner join configured_match_value as wanted
        on
            wanted.criterion = 'taxonomy'
            and starts_with(specialty.taxonomy_code, wanted.value)
)

select
    service.plan_key,
    service.procedure_code,
    service.modifiers,
    service.place_code,
    service.taxonomy_code,
    min(rule.category_key) as category_key,
    min(rule.exclusion_key) as exclusion_key
from service
inner join configured_match as rule on service.plan_key = rule.plan_key
-- Absent: the rule's procedures do not fit, or it names none.
left join fitting_procedure
    on
        rule.match_key = fitting_procedure.match_key
        and service.procedure_code = fitting_procedure.procedure_code
-- Absent: the same of modifiers.
left join fitting_modifier
    on
        rule.match_key = fitting_modifier.match_key
        and service.modifiers = fitting_modifier.modifiers
-- Absent: the same of places.
left join fitting_place
    on
        rule.match_key = fitting_place.match_key
        and service.place_code = fitting_place.place_code
-- Absent: the same of specialties.
left join fitting_taxonomy
    on
        rule.match_key = fitting_taxonomy.match_key
        and service.taxonomy_code = fitting_taxonomy.taxonomy_code
where
    (not rule.needs_procedure or fitting_procedure.match_key is not null)
    and (not rule.needs_modifier or fitting_modifier.match_key is not null)
    and (not rule.needs_place or fitting_place.match_key is not null)
    and (not rule.needs_taxonomy or fitting_taxonomy.match_key is not null)
group by
    service.plan_key,
    service.procedure_code,
    service.modifiers,
    service.place_code,
    service.taxonomy_code
