-- Adjustment reasons that claims (of other payers) and remittances hold, each once. Grain: reason_code.
-- `has_form`: one to three digits, or a letter and up to two; `is_known`: it is in the list as it was copied.
with sent as (
    select reason_code from adjustment
    union
    select reason_code from payment_adjustment
)

select
    sent.reason_code,
    regexp_matches(sent.reason_code, '^([1-9][0-9]{0,2}|[A-Z][0-9]{1,2})$') as has_form,
    known.code is not null as is_known
from sent
left join code_carc as known
    on known.code = sent.reason_code
