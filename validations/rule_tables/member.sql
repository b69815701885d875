-- Member records of accepted enrollment sets. Grain: file_key, member_index.
-- Texts are trimmed and never null; numbers and dates are null when the sender left them out.
select
    raw.file_key,
    raw.member_index,
    raw.set_index,
    transaction_set.kind,
    raw.segment_start,
    raw.byte_start,
    coalesce(raw.action_code, '') as action_code,
    raw.dependent_total,
    raw.subscriber_total,
    raw.member_total,
    coalesce(raw.subscriber_indicator, '') as subscriber_indicator,
    coalesce(raw.relationship_code, '') as relationship_code,
    coalesce(raw.maintenance_type_code, '') as maintenance_type_code,
    coalesce(raw.benefit_status_code, '') as benefit_status_code,
    coalesce(raw.cobra_event_code, '') as cobra_event_code,
    coalesce(raw.handicap_indicator, '') as handicap_indicator,
    raw.death_date,
    coalesce(raw.birth_sequence_number, '') as birth_sequence_number,
    coalesce(trim(raw.subscriber_id), '') as subscriber_id,
    coalesce(trim(raw.client_member_number), '') as client_member_number,
    raw.eligibility_begin_date,
    raw.eligibility_end_date,
    coalesce(upper(trim(raw.last_name)), '') as last_name,
    coalesce(upper(trim(raw.first_name)), '') as first_name,
    coalesce(trim(raw.ssn), '') as ssn,
    raw.birth_date,
    coalesce(raw.sex_code, '') as sex_code
from raw_members as raw
inner join transaction_set
    on
        transaction_set.file_key = raw.file_key
        and transaction_set.set_index = raw.set_index
