-- Payable lines with the numbers of their accumulators: the rows of the cost-share walk.
-- Grain: line_key. copay_slot -1: the benefit has no copay.
with person as (
    select
        deductible.group_year_key,
        deductible.counts_in,
        deductible.owner_key as person_key,
        deductible.slot as deductible_slot,
        out_of_pocket.slot as out_of_pocket_slot
    from adjudication_accumulator as deductible
    inner join adjudication_accumulator as out_of_pocket
        on
            deductible.group_year_key = out_of_pocket.group_year_key
            and deductible.counts_in = out_of_pocket.counts_in
            and deductible.owner_key = out_of_pocket.owner_key
            and out_of_pocket.kind = 'IND_OOP'
    where deductible.kind = 'IND_DED'
),

family as (
    select
        deductible.group_year_key,
        deductible.counts_in,
        deductible.owner_key as family_key,
        deductible.slot as deductible_slot,
        out_of_pocket.slot as out_of_pocket_slot
    from adjudication_accumulator as deductible
    inner join adjudication_accumulator as out_of_pocket
        on
            deductible.group_year_key = out_of_pocket.group_year_key
            and deductible.counts_in = out_of_pocket.counts_in
            and deductible.owner_key = out_of_pocket.owner_key
            and out_of_pocket.kind = 'FAM_OOP'
    where deductible.kind = 'FAM_DED'
),

copay as (
    select
        visit.group_year_key,
        visit.category_number,
        visit.person_key,
        visit.service_date,
        visit.billing_key,
        accumulator.slot
    from adjudication_visit as visit
    inner join adjudication_accumulator as accumulator
        on
            visit.visit_key = accumulator.owner_key
            and accumulator.kind = 'COPAY'
)

select
    payable.line_key,
    payable.claim_key,
    payable.service_date,
    payable.allowed_cents,
    payable.benefit_key,
    payable.limit_row,
    person.deductible_slot as person_deductible_slot,
    family.deductible_slot as family_deductible_slot,
    person.out_of_pocket_slot as person_out_of_pocket_slot,
    family.out_of_pocket_slot as family_out_of_pocket_slot,
    case when payable.has_copay then copay.slot else -1 end as copay_slot
from adjudication_payable_line as payable
inner join person
    on
        payable.group_year_key = person.group_year_key
        and payable.counts_in = person.counts_in
        and payable.person_key = person.person_key
inner join family
    on
        payable.group_year_key = family.group_year_key
        and payable.counts_in = family.counts_in
        and payable.family_key = family.family_key
-- Absent: no copay.
left join copay
    on
        payable.group_year_key = copay.group_year_key
        and payable.category_number = copay.category_number
        and payable.person_key = copay.person_key
        and payable.service_date = copay.service_date
        and payable.billing_key = copay.billing_key
