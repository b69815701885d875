with spouse as (
    select
        file_key,
        member_index,
        dense_rank() over (
            partition by file_key, subscriber_id
            order by first_name, birth_date
        ) as person_rank
    from member
    where relationship_code in ('01', '53') and maintenance_type_code <> '024'
)

select
    spouse.file_key,
    spouse.member_index
from spouse
where spouse.person_rank > 1
