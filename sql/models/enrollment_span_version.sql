-- Days of coverage as known after this application; a row that says the same keeps its version and
-- its source. Grain: employer_id, member_id, plan_id, begin_date.
select
    application.employer_id,
    known_span.member_id,
    known_member.subscriber_id,
    known_member.person_id,
    known_span.plan_id,
    known_span.product_line,
    known_span.begin_date,
    nullif(known_span.end_date, date '9999-12-31') as end_date,
    known_span.coverage_tier,
    known_span.benefit_status_code,
    coalesce(same.source_file_id, known_span.source_file_id) as source_file_id,
    coalesce(same.source_segment, known_span.source_segment) as source_segment,
    coalesce(same.valid_from_event, application.event_number) as valid_from_event,
    cast(null as bigint) as valid_to_event
from known_span
inner join known_member
    on known_member.member_id = known_span.member_id
cross join application
left join current_span as same
    on
        same.member_id = known_span.member_id
        and same.plan_id = known_span.plan_id
        and same.begin_date = known_span.begin_date
        and coalesce(same.end_date, date '9999-12-31') = known_span.end_date
        and same.coverage_tier = known_span.coverage_tier
        and same.benefit_status_code = known_span.benefit_status_code
        and same.product_line = known_span.product_line
        and same.subscriber_id = known_member.subscriber_id
        and same.person_id = known_member.person_id
order by known_span.member_id, known_span.plan_id, known_span.begin_date
