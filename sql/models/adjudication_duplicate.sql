-- Lines that repeat an earlier line: tonight's, in deciding order, or one of an earlier night.
-- Grain: line_key. is_exact: a copy, denied. Otherwise suspect: equal but for charge and modifiers.
-- Versions of one chain are no copies of each other; lines of one claim can be.
with line as (
    select
        considered.line_key,
        considered.claim_key,
        considered.chain_icn,
        line.member_id,
        claim.billing_provider_tax_id,
        claim.rendering_provider_npi as claim_rendering_provider_npi,
        claim.place_of_service_code as claim_place_code,
        line.rendering_provider_npi,
        line.place_code,
        line.service_date,
        line.service_end_date,
        line.procedure_code,
        line.modifiers,
        mark.marks,
        line.unit_thousandths,
        line.charge_cents
    from adjudication_considered_line as considered
    inner join adjudication_line as line on considered.line_key = line.line_key
    inner join adjudication_claim as claim on considered.claim_key = claim.claim_key
    inner join adjudication_modifier_mark as mark on line.modifiers = mark.modifiers
),

repeated as (
    select
        member_id,
        service_date,
        procedure_code
    from line
    group by member_id, service_date, procedure_code
    having count(*) > 1
),

-- Earlier lines alike, less those of other versions of the same chain.
counted as (
    select
        line.line_key,
        row_number() over exact_alike
        - row_number() over exact_chain
        + row_number() over exact_claim
        - 1 as exact_count,
        row_number() over alike - row_number() over alike_chain + row_number() over alike_claim
        - 1 as alike_count
    from line
    inner join repeated
        on
            line.member_id = repeated.member_id
            and line.service_date = repeated.service_date
            and line.procedure_code = repeated.procedure_code
    window
        exact_alike as (
            partition by
                line.member_id, line.billing_provider_tax_id, line.rendering_provider_npi,
                line.service_date, line.service_end_date, line.procedure_code, line.place_code,
                line.unit_thousandths, line.modifiers, line.charge_cents
            order by line.line_key
        ),
        exact_chain as (
            partition by
                line.member_id, line.billing_provider_tax_id, line.rendering_provider_npi,
                line.service_date, line.service_end_date, line.procedure_code, line.place_code,
                line.unit_thousandths, line.modifiers, line.charge_cents, line.chain_icn
            order by line.line_key
        ),
        exact_claim as (
            partition by
                line.member_id, line.billing_provider_tax_id, line.rendering_provider_npi,
                line.service_date, line.service_end_date, line.procedure_code, line.place_code,
                line.unit_thousandths, line.modifiers, line.charge_cents, line.claim_key
            order by line.line_key
        ),
        alike as (
            partition by
                line.member_id, line.billing_provider_tax_id, line.rendering_provider_npi,
                line.service_date, line.service_end_date, line.procedure_code, line.place_code,
                line.unit_thousandths, line.marks
            order by line.line_key
        ),
        alike_chain as (
            partition by
                line.member_id, line.billing_provider_tax_id, line.rendering_provider_npi,
                line.service_date, line.service_end_date, line.procedure_code, line.place_code,
                line.unit_thousandths, line.marks, line.chain_icn
            order by line.line_key
        ),
        alike_claim as (
            partition by
                line.member_id, line.billing_provider_tax_id, line.rendering_provider_npi,
                line.service_date, line.service_end_date, line.procedure_code, line.place_code,
                line.unit_thousandths, line.marks, line.claim_key
            order by line.line_key
        )
),

-- Place and rendering provider of decided lines are kept once a claim.
decided as (
    select
        line.line_key,
        max(
            case
                when line.modifiers = earlier.modifiers and line.charge_cents = earlier.charge_cents
                    then 1
                else 0
            end
        ) as exact_count
    from line
    inner join adjudication_earlier_line as earlier
        on
            line.member_id = earlier.member_id
            and line.service_date = earlier.service_date
            and line.procedure_code = earlier.procedure_code
            and line.service_end_date = earlier.service_end_date
            and line.billing_provider_tax_id = earlier.billing_provider_tax_id
            and line.claim_rendering_provider_npi = earlier.rendering_provider_npi
            and line.claim_place_code = earlier.place_of_service_code
            and line.unit_thousandths = earlier.unit_thousandths
            and line.chain_icn <> earlier.chain_icn
    inner join adjudication_modifier_mark as mark
        on
            earlier.modifiers = mark.modifiers
            and line.marks = mark.marks
    where earlier.is_original
    group by line.line_key
),

found as (
    select
        line_key,
        exact_count
    from counted
    where alike_count > 0 or exact_count > 0
    union all
    select
        line_key,
        exact_count
    from decided
)

select
    line_key,
    max(exact_count) > 0 as is_exact
from found
group by line_key
