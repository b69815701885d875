-- Who each member record of a file claims to be about.
-- Grain: member_index. A member's key carries no name: it is the SHA-256 of what identifies the
-- member at the partner (docs/domain/enrollment.md, "Member id").
select
    record.member_index,
    record.set_index,
    record.segment_start,
    record.subscriber_id,
    record.subscriber_indicator = 'Y' as is_subscriber,
    record.client_member_number <> '' as has_client_number,
    record.relationship_code,
    case
        when record.subscriber_indicator = 'Y' then 'SUBSCRIBER'
        else coalesce(relationship.relationship_group, 'OTHER')
    end as relationship_group,
    record.maintenance_type_code,
    record.maintenance_reason_code,
    record.benefit_status_code,
    record.handicap_indicator = 'Y' as is_disabled,
    record.death_date,
    record.eligibility_begin_date,
    record.eligibility_end_date,
    record.maintenance_effective_date,
    record.last_name,
    record.first_name,
    record.birth_date,
    record.sex_code,
    case
        when record.ssn <> ''
            then sha256(concat_ws(chr(10), 'ssn', unit.employer_id, record.ssn))
        else ''
    end as ssn_digest,
    substr(
        case
            when record.client_member_number <> ''
                then sha256(concat_ws(chr(10), unit.employer_id, record.client_member_number))
            else sha256(concat_ws(
                chr(10),
                unit.employer_id,
                record.subscriber_id,
                upper(record.first_name),
                coalesce(cast(record.birth_date as varchar), ''),
                record.sex_code,
                record.birth_sequence_number
            ))
        end,
        1,
        16
    ) as key_id,
    substr(
        sha256(concat_ws(
            chr(10),
            'person',
            upper(record.last_name),
            upper(record.first_name),
            coalesce(cast(record.birth_date as varchar), record.subscriber_id),
            record.sex_code
        )),
        1,
        16
    ) as person_key
from member_record as record
cross join unit
left join relationship_code as relationship
    on relationship.relationship_code = record.relationship_code
