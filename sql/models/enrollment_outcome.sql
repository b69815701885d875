-- What was done with every record of a unit that was not held as a whole.
-- Grain: coverage_index. The first reason that holds for a record is told.
with applied as (
    select
        coverage.coverage_index,
        case
            when unit.kind = 'INFORMATION' then 'NO_CHANGE'
            when coverage.held_code <> '' then 'HELD'
            when coverage.kind = 'PERSON' then 'NO_CHANGE'
            when plain.class = 'NEW' then 'APPLIED'
            when plain.class = 'SAME' then 'NO_CHANGE'
            else coalesce(family_outcome.outcome, 'NO_CHANGE')
        end as outcome,
        case
            when unit.kind = 'INFORMATION' then ''
            when coverage.held_code <> '' then coverage.held_code
            when coverage.kind = 'PERSON'
                then case when member.member_id is null then 'E-834-NOCOV' else '' end
            when plain.class is not null then ''
            when family_outcome.coverage_index is null then 'E-834-NOCOV'
            else family_outcome.error_code
        end as error_code,
        coverage.warning_code,
        coalesce(member.is_changed, false)
        and coverage.held_code = ''
        and (coverage.is_known or coverage.kind = 'PERSON') as changes_person
    from enrollment_coverage as coverage
    cross join unit
    left join enrollment_member as member
        on member.member_id = coverage.member_id
    left join enrollment_plain as plain
        on plain.coverage_index = coverage.coverage_index
    left join family_outcome
        on family_outcome.coverage_index = coverage.coverage_index
),

tier_warning as (
    select coverage.coverage_index
    from enrollment_coverage as coverage
    inner join enrollment_tier_conflict as conflict
        on
            conflict.subscriber_id = coverage.subscriber_id
            and conflict.product_line = coverage.product_line
    inner join applied
        on
            applied.coverage_index = coverage.coverage_index
            and applied.outcome = 'APPLIED'
    where coverage.kind not in ('002', '024', '032')
    qualify row_number() over (
        partition by coverage.subscriber_id, coverage.product_line
        order by not coverage.is_subscriber, coverage.coverage_index
    ) = 1
),

remarked as (
    select
        applied.coverage_index,
        applied.outcome,
        applied.changes_person,
        case
            when applied.error_code <> '' then applied.error_code
            when applied.warning_code <> '' and applied.outcome <> 'HELD' then applied.warning_code
            when tier_warning.coverage_index is not null then 'E-834-TIER'
            else ''
        end as error_code
    from applied
    left join tier_warning
        on tier_warning.coverage_index = applied.coverage_index
)

select
    coverage_index,
    case
        when outcome = 'APPLIED' and error_code <> '' then 'WARNED'
        when outcome = 'NO_CHANGE' and error_code = '' and changes_person then 'APPLIED'
        else outcome
    end as outcome,
    error_code
from remarked
