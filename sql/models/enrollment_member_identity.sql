-- Digests of social security numbers seen first in this application, or changed by it.
-- Grain: employer_id, member_id. The numbers themselves are not kept outside raw and lake.
select
    application.employer_id,
    known_identity.member_id,
    known_identity.ssn_digest,
    application.event_number
from known_identity
cross join application
left join first_identity
    on
        first_identity.member_id = known_identity.member_id
        and first_identity.ssn_digest = known_identity.ssn_digest
where first_identity.member_id is null
order by known_identity.member_id
