with vague as (
    select distinct
        payment_adjustment.file_key,
        payment_adjustment.claim_payment_index
    from payment_adjustment
    inner join code_carc_with_remark as needing
        on needing.code = payment_adjustment.reason_code
),

explained as (
    select distinct
        file_key,
        claim_payment_index
    from payment_remark
)

select
    vague.file_key,
    vague.claim_payment_index
from vague
left join explained
    on
        explained.file_key = vague.file_key
        and explained.claim_payment_index = vague.claim_payment_index
where explained.claim_payment_index is null
