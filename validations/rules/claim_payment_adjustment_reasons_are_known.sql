-- The list is a copy and codes are added to it: an unknown one is told, nothing more.
with unknown as (
    select distinct payment_adjustment.reason_code
    from payment_adjustment
    left join code_carc as known
        on known.code = payment_adjustment.reason_code
    where
        known.code is null
        and regexp_matches(payment_adjustment.reason_code, '^([1-9][0-9]{0,2}|[A-Z][0-9]{1,2})$')
)

select distinct
    payment_adjustment.file_key,
    payment_adjustment.claim_payment_index
from payment_adjustment
inner join unknown
    on unknown.reason_code = payment_adjustment.reason_code
