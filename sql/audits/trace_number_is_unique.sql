-- A trace number names one payment for ever.
select
    trace_number,
    count(*) as payment_count
from payment
where trace_number is not null
group by trace_number
having count(*) > 1
