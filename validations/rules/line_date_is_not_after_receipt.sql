-- Institutions and dentists may date the whole claim. A service lies before or on the day the file was received, and ends no earlier than it begins.
select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number
from service_line
inner join file
    on file.file_key = service_line.file_key
where
    (service_line.kind = '837P' and service_line.service_date is null)
    or service_line.service_date > file.received_date
    or service_line.service_end_date > file.received_date
    or service_line.service_end_date < service_line.service_date
