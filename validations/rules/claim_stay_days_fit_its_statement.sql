-- The day of discharge is not charged, unless it is the day of admission; who stays on is charged the last.
with charged as (
    select
        file_key,
        claim_index,
        sum(unit_count) as day_count
    from institutional_line
    where is_accommodation
    group by file_key, claim_index
)

select
    institutional_claim.file_key,
    institutional_claim.claim_index
from institutional_claim
inner join charged
    on
        charged.file_key = institutional_claim.file_key
        and charged.claim_index = institutional_claim.claim_index
where
    institutional_claim.is_stay
    and charged.day_count > greatest(
        date_diff('day', institutional_claim.statement_begin_date, institutional_claim.statement_end_date)
        + case when institutional_claim.patient_status_code = '30' then 1 else 0 end,
        1
    )
