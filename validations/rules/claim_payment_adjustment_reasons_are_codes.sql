with wrong as (
    select distinct reason_code
    from payment_adjustment
    where not regexp_matches(reason_code, '^([1-9][0-9]{0,2}|[A-Z][0-9]{1,2})$')
)

select distinct
    payment_adjustment.file_key,
    payment_adjustment.claim_payment_index
from payment_adjustment
inner join wrong
    on wrong.reason_code = payment_adjustment.reason_code
