select
    lone_dependent.file_key,
    lone_dependent.member_index
from lone_dependent
where not lone_dependent.is_full_file
