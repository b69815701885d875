with told as (
    select
        file_key,
        member_index,
        dense_rank() over (
            partition by file_key, ssn
            order by first_name, birth_date
        ) as person_rank,
        count(*) over (partition by file_key, ssn) as row_count,
        min(member_index) over (partition by file_key, ssn) as first_index
    from member
    where ssn <> ''
),

first_person as (
    select
        file_key,
        member_index as first_index,
        person_rank
    from told
    where member_index = first_index
)

select
    told.file_key,
    told.member_index
from told
inner join first_person
    on
        first_person.file_key = told.file_key
        and first_person.first_index = told.first_index
where told.row_count > 1 and told.person_rank <> first_person.person_rank
