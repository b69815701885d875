-- Every set read this night has one verdict, and none is counted on two drops.
with activity as (
    select
        sum(set_count) as set_count,
        sum(set_accepted_count + set_accepted_with_errors_count + set_rejected_count)
            as verdict_count
    from mart_file_activity
),

received as (
    select count(*) as set_count
    from transaction_set
    cross join business_day
    where transaction_set.night = business_day.night
)

select
    activity.set_count as activity_count,
    received.set_count as received_count
from activity
cross join received
where
    coalesce(activity.set_count, 0) <> received.set_count
    or coalesce(activity.verdict_count, 0) <> received.set_count
