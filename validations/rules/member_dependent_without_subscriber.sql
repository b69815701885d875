with subscriber as (
    select distinct
        file_key,
        subscriber_id
    from member
    where subscriber_indicator = 'Y'
)

select
    member.file_key,
    member.member_index
from member
left join subscriber
    on
        subscriber.file_key = member.file_key
        and subscriber.subscriber_id = member.subscriber_id
where
    member.subscriber_indicator = 'N'
    and subscriber.subscriber_id is null
    and member.action_code not in ('RX', '4')
