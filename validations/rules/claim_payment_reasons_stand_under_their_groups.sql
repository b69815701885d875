with sent as (
    select distinct
        group_code,
        reason_code
    from payment_adjustment
),

wrong as (
    select
        sent.group_code,
        sent.reason_code
    from sent
    inner join code_carc_not_of_group as forbidden
        on forbidden.code = sent.reason_code || ':' || sent.group_code
)

select distinct
    payment_adjustment.file_key,
    payment_adjustment.claim_payment_index
from payment_adjustment
inner join wrong
    on
        wrong.group_code = payment_adjustment.group_code
        and wrong.reason_code = payment_adjustment.reason_code
