select distinct
    other_payer.file_key,
    other_payer.claim_index
from other_payer
where
    other_payer.payment_date is null
    and (other_payer.payer_paid_usd is not null or other_payer.line_count > 0)
