-- An accumulator transaction counts once: accumulator, decision and line name one row.
select
    accumulator_id,
    decision_id,
    line_number,
    count(*) as row_count
from accumulator_transaction
group by accumulator_id, decision_id, line_number
having count(*) > 1
order by decision_id, line_number, accumulator_id
