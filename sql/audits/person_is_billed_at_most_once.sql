-- Nobody is billed twice for one fee and month, or credited more than billed.
select
    funding_line.reference,
    counted_member.employer_id,
    counted_member.member_id,
    counted_member.month,
    sum(counted_member.sign) as billed
from counted_member
inner join funding_line
    on
        counted_member.cycle_id = funding_line.cycle_id
        and counted_member.line_number = funding_line.line_number
group by
    funding_line.reference,
    counted_member.employer_id,
    counted_member.member_id,
    counted_member.month
having sum(counted_member.sign) not in (0, 1)
