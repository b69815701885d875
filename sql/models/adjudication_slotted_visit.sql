-- Visit limits of payable lines with the numbers of their accumulators.
-- Grain: line_key, limit_order.
select
    line_visit.line_key,
    line_visit.claim_key,
    line_visit.service_date,
    line_visit.limit_order,
    line_visit.limit_key,
    line_visit.maximum,
    counter.slot as count_slot,
    mark.slot as mark_slot
from adjudication_line_visit as line_visit
inner join adjudication_visit as visit
    on
        line_visit.group_year_key = visit.group_year_key
        and line_visit.category_number = visit.category_number
        and line_visit.person_key = visit.person_key
        and line_visit.service_date = visit.service_date
        and line_visit.billing_key = visit.billing_key
inner join adjudication_accumulator as counter
    on
        line_visit.group_year_key = counter.group_year_key
        and line_visit.person_key = counter.owner_key
        and line_visit.limit_number = counter.limit_number
        and counter.kind = 'VISIT'
inner join adjudication_accumulator as mark
    on
        visit.visit_key = mark.owner_key
        and line_visit.limit_number = mark.limit_number
        and mark.kind = 'VISIT_KEY'
