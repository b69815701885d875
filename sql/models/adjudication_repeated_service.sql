-- Services a patient has more than once on a day: tonight, or tonight and on an earlier night.
-- Grain: member_key, service_date, procedure_code.
select
    member_key,
    service_date,
    procedure_code
from adjudication_line
group by member_key, service_date, procedure_code
having count(*) > 1
union
select
    member_key,
    service_date,
    procedure_code
from adjudication_earlier_line
