-- Claims that are returned, with the answer of their first broken rule. Grain: file_key, claim_index.
with first_finding as (
    select
        finding.file_key,
        finding.claim_index,
        finding.rule_id,
        rule.status_category_code,
        rule.status_code,
        rule.entity_code
    from finding
    inner join rule
        on rule.rule_id = finding.rule_id
    where finding.severity = 'error' and finding.claim_index is not null
    qualify row_number() over (
        partition by finding.file_key, finding.claim_index
        order by rule.rule_order
    ) = 1
)

select
    file.file_id,
    claim.claim_index,
    claim.set_index,
    claim.patient_control_number,
    cast(coalesce(claim.charge_usd, 0) as decimal(14, 2)) as charge_usd,
    first_finding.status_category_code,
    first_finding.status_code,
    first_finding.entity_code,
    first_finding.rule_id,
    judging.night
from first_finding
inner join claim
    on
        claim.file_key = first_finding.file_key
        and claim.claim_index = first_finding.claim_index
inner join file
    on file.file_key = claim.file_key
cross join judging
left join intake_waiting_claim as waiting -- absent: the claim does not wait
    on
        waiting.file_id = file.file_id
        and waiting.claim_index = claim.claim_index
where waiting.claim_index is null
order by claim.file_key, claim.claim_index
