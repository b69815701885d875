-- Covered to the end of the month of the 26th birthday: months are compared.
select
    member.file_key,
    member.member_index
from member
inner join file
    on file.file_key = member.file_key
where
    member.relationship_code in ('05', '09', '10', '15', '17', '19')
    and member.maintenance_type_code <> '024'
    and member.handicap_indicator <> 'Y'
    and date_diff('month', member.birth_date, file.received_date) > 312
