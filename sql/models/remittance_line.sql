-- Service lines of the claims of a batch, with the number of their row in the 835.
-- Grain: decision_id, line_number.
select
    cast(row_number() over (order by claim.claim_row, line.line_number) - 1 as bigint) as line_row,
    claim.claim_row,
    claim.decision_id,
    claim.file_key,
    claim.claim_index,
    line.line_number,
    line.service_date,
    line.service_end_date,
    line.procedure_code,
    line.modifiers,
    line.unit_count,
    line.charge_usd,
    line.allowed_usd,
    line.paid_usd,
    line.line_control_number
from remittance_claim as claim
inner join decided_line as line on claim.decision_id = line.decision_id
