with counted as (
    select
        file_key,
        set_index,
        max(member_total) as member_total,
        max(subscriber_total) as subscriber_total,
        max(dependent_total) as dependent_total,
        count(*) as member_count,
        sum(case when subscriber_indicator = 'Y' then 1 else 0 end) as subscriber_count,
        sum(case when subscriber_indicator = 'N' then 1 else 0 end) as dependent_count
    from member
    group by file_key, set_index
)

select
    counted.file_key,
    counted.set_index
from counted
where
    counted.member_total <> counted.member_count
    or counted.subscriber_total <> counted.subscriber_count
    or counted.dependent_total <> counted.dependent_count
