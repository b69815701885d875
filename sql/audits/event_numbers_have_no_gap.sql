-- Events are numbered 1, 2, 3, ... without a gap.
select
    count(*) as event_count,
    max(event_number) as last_event_number
from event
having max(event_number) <> count(*)
