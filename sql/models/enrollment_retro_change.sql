-- Days before receipt that coverage was given for or taken from, applied or held for approval:
-- claims of those days are looked at again. Grain: file_id, member_id, plan_id, change, first day.
select
    applied.file_id,
    applied.coverage_index,
    application.employer_id,
    applied.member_id,
    applied.plan_id,
    applied.change_kind,
    applied.first_date,
    nullif(applied.last_date, date '9999-12-31') as last_date,
    applied.is_possible_rescission,
    applied.outcome,
    application.night
from applied_retro as applied
cross join application
order by
    applied.file_id,
    applied.member_id,
    applied.plan_id,
    applied.change_kind,
    applied.first_date,
    applied.last_date,
    applied.coverage_index
