-- Dependents whose subscriber is not in their file. Grain: file_key, member_index.
-- `is_full_file`: the file replaces what is known (BGN08 RX or 4), so the subscriber is nowhere.
with subscriber as (
    select distinct
        file_key,
        subscriber_id
    from member
    where subscriber_indicator = 'Y'
)

select
    member.file_key,
    member.member_index,
    member.action_code in ('RX', '4') as is_full_file
from member
left join subscriber
    on
        subscriber.file_key = member.file_key
        and subscriber.subscriber_id = member.subscriber_id
where
    member.subscriber_indicator = 'N'
    and subscriber.subscriber_id is null
