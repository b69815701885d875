with earlier as (
    select
        file_key,
        subscriber_id,
        client_member_number,
        min(member_index) as member_index
    from member
    where client_member_number <> ''
    group by file_key, subscriber_id, client_member_number
    having count(*) > 1
),

first_told as (
    select
        earlier.file_key,
        earlier.subscriber_id,
        earlier.client_member_number,
        member.first_name,
        member.birth_date,
        member.sex_code
    from earlier
    inner join member
        on
            member.file_key = earlier.file_key
            and member.member_index = earlier.member_index
)

select
    member.file_key,
    member.member_index
from member
inner join first_told
    on
        first_told.file_key = member.file_key
        and first_told.subscriber_id = member.subscriber_id
        and first_told.client_member_number = member.client_member_number
where
    member.first_name <> first_told.first_name
    or member.birth_date <> first_told.birth_date
    or member.sex_code <> first_told.sex_code
