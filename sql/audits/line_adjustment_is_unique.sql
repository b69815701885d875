-- An adjustment counts once: decision, line and number name one row.
select
    decision_id,
    line_number,
    adjustment_number,
    count(*) as row_count
from line_adjustment
group by decision_id, line_number, adjustment_number
having count(*) > 1
order by decision_id, line_number, adjustment_number
