-- Remark codes (code source 411) in remittances: of services (LQ*HE) and of claims (MIA, MOA). Grain: a code.
with told as (
    select
        file_key,
        set_index,
        claim_payment_index,
        code
    from raw_remarks
    where qualifier = 'HE'
    union all
    select
        file_key,
        set_index,
        claim_payment_index,
        remark_code_1 as code
    from raw_inpatient_adjudications
    union all
    select
        file_key,
        set_index,
        claim_payment_index,
        remark_code_2 as code
    from raw_inpatient_adjudications
    union all
    select
        file_key,
        set_index,
        claim_payment_index,
        remark_code_3 as code
    from raw_inpatient_adjudications
    union all
    select
        file_key,
        set_index,
        claim_payment_index,
        remark_code_4 as code
    from raw_inpatient_adjudications
    union all
    select
        file_key,
        set_index,
        claim_payment_index,
        remark_code_5 as code
    from raw_inpatient_adjudications
    union all
    select
        file_key,
        set_index,
        claim_payment_index,
        remark_code_1 as code
    from raw_outpatient_adjudications
    union all
    select
        file_key,
        set_index,
        claim_payment_index,
        remark_code_2 as code
    from raw_outpatient_adjudications
    union all
    select
        file_key,
        set_index,
        claim_payment_index,
        remark_code_3 as code
    from raw_outpatient_adjudications
    union all
    select
        file_key,
        set_index,
        claim_payment_index,
        remark_code_4 as code
    from raw_outpatient_adjudications
    union all
    select
        file_key,
        set_index,
        claim_payment_index,
        remark_code_5 as code
    from raw_outpatient_adjudications
)

select
    raw.file_key,
    raw.claim_payment_index,
    transaction_set.kind,
    raw.code
from told as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
where raw.code <> '' and raw.claim_payment_index is not null
