-- Every broken rule of the night's claims with its severity and place. Grain: one row a rule and bad row.
-- A claim that waits has none yet: it would be judged without its members.
select
    file.file_id,
    finding.set_index,
    finding.claim_index,
    finding.line_number,
    finding.segment_index,
    finding.byte_offset,
    finding.grain,
    finding.rule_id,
    finding.severity
from finding
inner join file
    on file.file_key = finding.file_key
left join intake_waiting_claim as waiting -- absent: the claim does not wait
    on
        waiting.file_id = file.file_id
        and waiting.claim_index = finding.claim_index
where waiting.claim_index is null
order by
    finding.file_key,
    finding.byte_offset,
    finding.segment_index,
    finding.rule_id,
    finding.line_number,
    finding.claim_index
