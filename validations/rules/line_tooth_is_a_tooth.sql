select distinct
    dental_line.file_key,
    dental_line.claim_index,
    dental_line.line_number
from dental_line
inner join tooth
    on
        tooth.file_key = dental_line.file_key
        and tooth.line_index = dental_line.line_index
left join code_tooth as known
    on known.code = tooth.tooth_code
where known.code is null
