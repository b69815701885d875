-- The visit limits a payable line counts against, in the order of its category.
-- Grain: line_key, limit_order.
select
    payable.line_key,
    payable.claim_key,
    category_limit.limit_order,
    category_limit.limit_key,
    visit_limit.limit_number,
    visit_limit.maximum,
    payable.group_year_key,
    payable.category_number,
    payable.person_key,
    payable.service_date,
    payable.billing_key
from adjudication_payable_line as payable
inner join configured_category_limit as category_limit
    on
        payable.category_key = category_limit.category_key
        and payable.counts_in = category_limit.network_status
inner join configured_visit_limit as visit_limit on category_limit.limit_key = visit_limit.limit_key
