-- Providers whose NPI is none, by their role. Grain: a role of a claim or line; a good NPI has no row.
-- `role`: billing, rendering, referring, facility, other (of a claim or line), line (rendering on it).
-- `has_form`: ten digits, so the check digit is wrong; a billing provider without any has no form. Whom
-- a claim's or line's own columns name is not judged a second time as one of the others.
with wrong as (
    select
        npi,
        has_form
    from npi
    where not has_check_digit
)

select
    claim.file_key,
    claim.claim_index,
    cast(null as integer) as line_number,
    'billing' as role,
    coalesce(wrong.has_form, false) as has_form
from claim
left join wrong -- absent: the NPI is good, or there is none
    on wrong.npi = claim.billing_provider_npi
where wrong.npi is not null or claim.billing_provider_npi = ''
union all
select
    claim.file_key,
    claim.claim_index,
    cast(null as integer) as line_number,
    'rendering' as role,
    wrong.has_form
from claim
inner join wrong
    on wrong.npi = claim.rendering_provider_npi
union all
select
    claim.file_key,
    claim.claim_index,
    cast(null as integer) as line_number,
    'referring' as role,
    wrong.has_form
from claim
inner join wrong
    on wrong.npi = claim.referring_provider_npi
union all
select
    claim.file_key,
    claim.claim_index,
    cast(null as integer) as line_number,
    'facility' as role,
    wrong.has_form
from claim
inner join wrong
    on wrong.npi = claim.service_facility_npi
union all
select
    service_line.file_key,
    service_line.claim_index,
    service_line.line_number,
    'line' as role,
    wrong.has_form
from service_line
inner join wrong
    on wrong.npi = service_line.rendering_provider_npi
union all
select
    claim_provider.file_key,
    claim_provider.claim_index,
    cast(null as integer) as line_number,
    'other' as role,
    wrong.has_form
from claim_provider
inner join wrong
    on wrong.npi = claim_provider.identification
where
    claim_provider.identification_qualifier = 'XX'
    and (
        (
            claim_provider.kind = '837I'
            and claim_provider.loop_id not in ('2310D', '2310E', '2310F', '2420C')
        )
        or (
            claim_provider.kind <> '837I'
            and claim_provider.loop_id not in ('2310A', '2310B', '2310C', '2420A')
        )
    )
