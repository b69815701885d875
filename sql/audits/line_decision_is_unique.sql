-- A line is decided once: decision and line number name one row.
select
    decision_id,
    line_number,
    count(*) as row_count
from line_decision
group by decision_id, line_number
having count(*) > 1
order by decision_id, line_number
