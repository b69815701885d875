select distinct
    other_payer.file_key,
    other_payer.claim_index
from other_payer
where
    other_payer.line_count > 0
    and other_payer.payer_paid_usd is not null
    and other_payer.payer_paid_usd <> other_payer.lines_paid_usd - other_payer.adjusted_usd
