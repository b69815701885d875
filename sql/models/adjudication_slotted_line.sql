-- Payable lines with the numbers of their accumulators: the rows of the cost-share walk.
-- Grain: line_key.
with person as (
    select
        account.group_year_key,
        account.counts_in,
        account.person_key,
        deductible.slot as deductible_slot,
        out_of_pocket.slot as out_of_pocket_slot
    from adjudication_person_account as account
    inner join adjudication_accumulator as deductible
        on account.deductible_id = deductible.accumulator_id
    inner join adjudication_accumulator as out_of_pocket
        on account.out_of_pocket_id = out_of_pocket.accumulator_id
),

family as (
    select
        account.group_year_key,
        account.counts_in,
        account.family_key,
        deductible.slot as deductible_slot,
        out_of_pocket.slot as out_of_pocket_slot
    from adjudication_family_account as account
    inner join adjudication_accumulator as deductible
        on account.deductible_id = deductible.accumulator_id
    inner join adjudication_accumulator as out_of_pocket
        on account.out_of_pocket_id = out_of_pocket.accumulator_id
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
    inner join adjudication_copay_account as account on visit.visit_key = account.visit_key
    inner join adjudication_accumulator as accumulator
        on account.copay_id = accumulator.accumulator_id
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
-- Absent: no copay and no visit limit.
left join copay
    on
        payable.group_year_key = copay.group_year_key
        and payable.category_number = copay.category_number
        and payable.person_key = copay.person_key
        and payable.service_date = copay.service_date
        and payable.billing_key = copay.billing_key
