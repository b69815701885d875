with unknown as (
    select distinct payment_remark.code
    from payment_remark
    left join code_rarc as known
        on known.code = payment_remark.code
    where known.code is null
)

select distinct
    payment_remark.file_key,
    payment_remark.claim_payment_index
from payment_remark
inner join unknown
    on unknown.code = payment_remark.code
