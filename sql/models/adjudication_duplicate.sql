-- Lines that repeat an earlier line: tonight's, in deciding order, or one of an earlier night.
-- Grain: line_key. is_exact: a copy, denied. Otherwise suspect: equal but for charge and modifiers.
-- Versions of one chain are no copies of each other; lines of one claim can be.
with line as (
    select
        compared.line_key,
        compared.claim_key,
        compared.chain_icn,
        compared.chain_key,
        compared.member_key,
        compared.billing_provider_tax_id,
        compared.claim_rendering_provider_npi,
        compared.claim_place_code,
        compared.rendering_provider_npi,
        compared.place_code,
        compared.service_date,
        compared.service_end_date,
        compared.procedure_code,
        compared.modifiers,
        mark.marks,
        compared.unit_thousandths,
        compared.charge_cents
    from adjudication_compared_line as compared
    inner join adjudication_modifier_mark as mark on compared.modifiers = mark.modifiers
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
    window
        exact_alike as (
            partition by
                line.member_key, line.billing_provider_tax_id, line.rendering_provider_npi,
                line.service_date, line.service_end_date, line.procedure_code, line.place_code,
                line.unit_thousandths, line.modifiers, line.charge_cents
            order by line.line_key
        ),
        exact_chain as (
            partition by
                line.member_key, line.billing_provider_tax_id, line.rendering_provider_npi,
                line.service_date, line.service_end_date, line.procedure_code, line.place_code,
                line.unit_thousandths, line.modifiers, line.charge_cents, line.chain_key
            order by line.line_key
        ),
        exact_claim as (
            partition by
                line.member_key, line.billing_provider_tax_id, line.rendering_provider_npi,
                line.service_date, line.service_end_date, line.procedure_code, line.place_code,
                line.unit_thousandths, line.modifiers, line.charge_cents, line.claim_key
            order by line.line_key
        ),
        alike as (
            partition by
                line.member_key, line.billing_provider_tax_id, line.rendering_provider_npi,
                line.service_date, line.service_end_date, line.procedure_code, line.place_code,
                line.unit_thousandths, line.marks
            order by line.line_key
        ),
        alike_chain as (
            partition by
                line.member_key, line.billing_provider_tax_id, line.rendering_provider_npi,
                line.service_date, line.service_end_date, line.procedure_code, line.place_code,
                line.unit_thousandths, line.marks, line.chain_key
            order by line.line_key
        ),
        alike_claim as (
            partition by
                line.member_key, line.billing_provider_tax_id, line.rendering_provider_npi,
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
            line.member_key = earlier.member_key
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
