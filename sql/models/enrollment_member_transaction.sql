-- What was done with each record of each file. Grain: file_id, coverage_index. A record looked at
-- twice in one application tells its last outcome.
select
    applied.file_id,
    applied.coverage_index,
    application.employer_id,
    applied.subscriber_id,
    applied.member_id,
    applied.plan_id,
    applied.maintenance_type_code,
    applied.effective_date,
    applied.outcome,
    applied.error_code,
    application.night
from applied_transaction as applied
cross join application
order by applied.file_id, applied.coverage_index
