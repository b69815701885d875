-- Whom each member record of the files is about, and how its transaction set wants to be applied.
-- Grain: file_id, member_index, accepted sets only. The narrowest number that is known decides:
-- the record's group number, the set's policy number, the sponsor's tax id. `employer_id` is empty
-- when none is known. `file_kind`: CHANGE, FULL, AUDIT, INFORMATION (a copy, not to be applied).
with by_group as (
    select
        group_number,
        min(employer_id) as employer_id
    from employer
    group by group_number
),

by_tax as (
    select
        tax_id,
        min(employer_id) as employer_id
    from employer
    group by tax_id
)

select
    record.file_id,
    record.set_index,
    record.member_index,
    record.subscriber_indicator,
    coalesce(
        own_group.employer_id, set_group.employer_id, sponsor.employer_id, ''
    ) as employer_id,
    case
        when record.transaction_purpose_code = '22' then 'INFORMATION'
        when record.action_code = 'RX' then 'FULL'
        when record.action_code = '4' then 'AUDIT'
        else 'CHANGE'
    end as file_kind,
    record.file_date,
    coalesce(record.file_time, '') as file_time,
    coalesce(record.file_effective_date, record.file_date) as file_effective_date,
    record.member_total,
    record.subscriber_total,
    record.dependent_total
from member_row as record
inner join set_row
    on
        set_row.file_id = record.file_id
        and set_row.set_index = record.set_index
left join by_group as own_group
    on own_group.group_number = record.group_policy_number
left join by_group as set_group
    on set_group.group_number = record.master_policy_number
left join by_tax as sponsor
    on sponsor.tax_id = replace(record.sponsor_tax_id, '-', '')
where set_row.acceptance_code <> 'R'
