-- Claims that wait for an employer whose members are not known tonight. Grain: file_key, claim_index.
-- The group number names the employer; a claim without one may be anybody's and waits too.
select
    file.file_id,
    claim.claim_index,
    coalesce(waiting.employer_id, '') as employer_id,
    cast(coalesce(claim.charge_usd, 0) as decimal(14, 2)) as charge_usd
from claim
inner join file
    on file.file_key = claim.file_key
left join waiting_employer as waiting -- absent: the claim is of an employer that does not wait
    on waiting.group_number = claim.group_number
where
    waiting.employer_id is not null
    or (
        claim.group_number = ''
        and exists (
            select 1
            from waiting_employer
        )
    )
order by claim.file_key, claim.claim_index
