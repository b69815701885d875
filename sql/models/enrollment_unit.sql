-- What is applied as one: the records of one file that are about the employer and want the same.
-- Grain: file_id, file_kind, is_unknown_sponsor. Control totals are held against their own set.
with set_count as (
    select
        file_id,
        set_index,
        max(member_total) as member_total,
        max(subscriber_total) as subscriber_total,
        max(dependent_total) as dependent_total,
        count(*) as member_count,
        sum(case when subscriber_indicator = 'Y' then 1 else 0 end) as subscriber_count
    from enrollment_addressed
    group by file_id, set_index
),

miscounted as (
    select
        file_id,
        set_index
    from set_count
    where
        member_total <> member_count
        or subscriber_total <> subscriber_count
        or dependent_total <> member_count - subscriber_count
),

rejected as (
    select
        file_id,
        count(*) as set_count
    from set_row
    where acceptance_code = 'R'
    group by file_id
)

select
    addressed.file_id,
    addressed.file_kind,
    addressed.employer_id = '' as is_unknown_sponsor,
    max(addressed.file_date) as file_date,
    max(addressed.file_time) as file_time,
    max(addressed.file_effective_date) as file_effective_date,
    count(*) as record_count,
    count(miscounted.set_index) > 0 as is_miscounted,
    max(coalesce(rejected.set_count, 0)) > 0 as has_rejected_set
from enrollment_addressed as addressed
left join miscounted
    on
        miscounted.file_id = addressed.file_id
        and miscounted.set_index = addressed.set_index
left join rejected
    on rejected.file_id = addressed.file_id
where addressed.employer_id in ('', (select employer_id from own_employer))
group by addressed.file_id, addressed.file_kind, addressed.employer_id = ''
order by file_date, file_time, addressed.file_id, addressed.file_kind, is_unknown_sponsor
