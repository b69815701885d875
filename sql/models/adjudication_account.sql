-- Accumulators that tonight's payable lines draw on, by what owns them.
-- Grain: accumulator_id. owner_key: a person (IND_*, VISIT), a family (FAM_*) or a visit (COPAY,
-- VISIT_KEY); counts_in is ALL and limit_number 0 where they do not matter.
with person_side as (
    select distinct
        group_year_key,
        counts_in,
        person_key
    from adjudication_payable_line
),

family_side as (
    select distinct
        group_year_key,
        counts_in,
        family_key
    from adjudication_payable_line
),

counted as (
    select distinct
        line_visit.limit_number,
        visit.visit_key,
        visit.group_year_key,
        visit.person_key,
        visit.visit_name
    from adjudication_line_visit as line_visit
    inner join adjudication_visit as visit
        on
            line_visit.group_year_key = visit.group_year_key
            and line_visit.category_number = visit.category_number
            and line_visit.person_key = visit.person_key
            and line_visit.service_date = visit.service_date
            and line_visit.billing_key = visit.billing_key
),

visitor as (
    select distinct
        limit_number,
        group_year_key,
        person_key
    from counted
),

person as (
    select distinct
        person_key,
        person_id
    from adjudication_patient
),

family as (
    select distinct
        family_key,
        subscriber_id
    from adjudication_patient
),

visit_limit as (
    select distinct
        limit_number,
        limit_id
    from configured_visit_limit
),

kind as (
    select
        'DED' as amount_kind
    union all
    select
        'OOP' as amount_kind
),

owned as (
    select
        'IND_' || kind.amount_kind as kind,
        person_side.group_year_key,
        person_side.counts_in,
        person_side.person_key as owner_key,
        0 as limit_number,
        person.person_id as owner
    from person_side
    inner join person on person_side.person_key = person.person_key
    cross join kind
    union all
    select
        'FAM_' || kind.amount_kind as kind,
        family_side.group_year_key,
        family_side.counts_in,
        family_side.family_key as owner_key,
        0 as limit_number,
        family.subscriber_id as owner
    from family_side
    inner join family on family_side.family_key = family.family_key
    cross join kind
    union all
    select
        'COPAY' as kind,
        group_year_key,
        'ALL' as counts_in,
        visit_key as owner_key,
        0 as limit_number,
        visit_name as owner
    from adjudication_visit
    where has_copay
    union all
    select
        'VISIT_KEY' as kind,
        counted.group_year_key,
        'ALL' as counts_in,
        counted.visit_key as owner_key,
        counted.limit_number,
        counted.visit_name || ':' || visit_limit.limit_id as owner
    from counted
    inner join visit_limit on counted.limit_number = visit_limit.limit_number
    union all
    select
        'VISIT' as kind,
        visitor.group_year_key,
        'ALL' as counts_in,
        visitor.person_key as owner_key,
        visitor.limit_number,
        person.person_id || ':' || visit_limit.limit_id as owner
    from visitor
    inner join person on visitor.person_key = person.person_key
    inner join visit_limit on visitor.limit_number = visit_limit.limit_number
)

select
    owned.kind,
    owned.group_year_key,
    owned.counts_in,
    owned.owner_key,
    owned.limit_number,
    owned.kind || '|' || owned.counts_in || '|' || group_year.group_year || '|' || owned.owner
        as accumulator_id
from owned
inner join adjudication_group_year as group_year
    on owned.group_year_key = group_year.group_year_key
