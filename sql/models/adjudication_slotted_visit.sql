-- Visit limits of payable lines with the numbers of their accumulators.
-- Grain: line_key, limit_order.
select
    line_visit.line_key,
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
inner join adjudication_visit_account as account
    on
        visit.visit_key = account.visit_key
        and line_visit.limit_number = account.limit_number
inner join adjudication_accumulator as counter on account.count_id = counter.accumulator_id
inner join adjudication_accumulator as mark on account.mark_id = mark.accumulator_id
