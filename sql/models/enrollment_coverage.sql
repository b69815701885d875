-- Coverages and records without coverage, each as the transaction it asks for.
-- Grain: coverage_index; a record without coverage has -1 - member_index.
-- `kind`: a maintenance type, FULL (make the plan look like this), PERSON (demographics only) or
-- ALL_PLANS (a termination without coverage ends every plan). `held_code` empty: may be applied.
with last_subscriber_tier as (
    select
        known_member.subscriber_id,
        known_span.product_line,
        known_span.coverage_tier
    from known_span
    inner join known_member
        on known_member.member_id = known_span.member_id
    where known_member.relationship_group = 'SUBSCRIBER'
    qualify row_number() over (
        partition by known_member.subscriber_id, known_span.product_line
        order by known_span.begin_date desc, known_span.plan_id
    ) = 1
),

subscriber_tier as (
    select
        subscriber_id,
        product_line,
        min(tier) as tier
    from enrollment_coverage_plan
    where is_subscriber and tier is not null
    group by subscriber_id, product_line
),

kind as (
    select
        coverage.coverage_index,
        case
            when coverage.maintenance_type_code in ('002', '024', '032')
                then coverage.maintenance_type_code
            when unit.kind in ('FULL', 'AUDIT') or coverage.maintenance_type_code = '030' then 'FULL'
            else coverage.maintenance_type_code
        end as kind
    from enrollment_coverage_plan as coverage
    cross join unit
),

coverage as (
    select
        coverage.coverage_index,
        coverage.member_index,
        coverage.source_segment,
        coverage.maintenance_type_code,
        kind.kind,
        unit.compares_only or (unit.kind = 'CHANGE' and coverage.maintenance_type_code = '030')
            as compares_only,
        coverage.plan_id,
        coverage.product_line,
        coalesce(
            coverage.tier,
            case
                when not coverage.is_subscriber and coverage.coverage_level_code = ''
                    then coalesce(subscriber_tier.tier, last_subscriber_tier.coverage_tier)
            end,
            ''
        ) as tier,
        coverage.coverage_level_code,
        coverage.begin_date,
        coverage.end_date,
        coverage.last_child_date,
        case
            when kind.kind = '024' then
                case
                    when coverage.end_date < date '9999-12-31'
                        then cast(coverage.end_date + 1 as date)
                end
            when kind.kind = 'FULL'
                then coalesce(coverage.maintenance_effective_date, unit.file_effective_date)
            when kind.kind = '001'
                then coalesce(
                    coverage.sent_begin_date,
                    coverage.maintenance_effective_date,
                    coverage.begin_date
                )
            else coalesce(
                coverage.begin_date, coverage.maintenance_effective_date, unit.file_effective_date
            )
        end as effective_date
    from enrollment_coverage_plan as coverage
    inner join kind
        on kind.coverage_index = coverage.coverage_index
    cross join unit
    left join subscriber_tier
        on
            subscriber_tier.subscriber_id = coverage.subscriber_id
            and subscriber_tier.product_line = coverage.product_line
    left join last_subscriber_tier
        on
            last_subscriber_tier.subscriber_id = coverage.subscriber_id
            and last_subscriber_tier.product_line = coverage.product_line
),

without_coverage as (
    select
        -1 - person.member_index as coverage_index,
        person.member_index,
        person.segment_start as source_segment,
        person.maintenance_type_code,
        case
            when person.maintenance_type_code = '024' or person.death_date is not null
                then 'ALL_PLANS'
            else 'PERSON'
        end as kind,
        unit.compares_only or (unit.kind = 'CHANGE' and person.maintenance_type_code = '030')
            as compares_only,
        '' as plan_id,
        '' as product_line,
        '' as tier,
        '' as coverage_level_code,
        cast(null as date) as begin_date,
        least(
            coalesce(
                cast(person.eligibility_end_date - unit.end_shift as date),
                date '9999-12-31'
            ),
            coalesce(person.death_date, date '9999-12-31')
        ) as end_date,
        cast(null as date) as last_child_date
    from enrollment_person_key as person
    cross join unit
    left join (select distinct member_index from coverage_record) as covered
        on covered.member_index = person.member_index
    where covered.member_index is null
),

every_record as (
    select
        coverage_index,
        member_index,
        source_segment,
        maintenance_type_code,
        kind,
        compares_only,
        plan_id,
        product_line,
        tier,
        coverage_level_code,
        begin_date,
        end_date,
        last_child_date,
        effective_date
    from coverage
    union all
    select
        coverage_index,
        member_index,
        source_segment,
        maintenance_type_code,
        kind,
        compares_only,
        plan_id,
        product_line,
        tier,
        coverage_level_code,
        begin_date,
        end_date,
        last_child_date,
        case
            when kind = 'ALL_PLANS' and end_date < date '9999-12-31'
                then cast(end_date + 1 as date)
        end as effective_date
    from without_coverage
),

-- One member and plan twice in a file, saying different things of the same days.
repeated as (
    select
        record.coverage_index,
        person.member_id,
        record.plan_id,
        record.kind,
        record.begin_date,
        record.end_date,
        record.effective_date,
        record.tier
    from every_record as record
    inner join enrollment_person as person
        on person.member_index = record.member_index
    where record.plan_id <> ''
    qualify count(*) over (partition by person.member_id, record.plan_id, record.kind) > 1
),

contradicted as (
    select distinct one.coverage_index
    from repeated as one
    inner join repeated as other
        on
            other.member_id = one.member_id
            and other.plan_id = one.plan_id
            and other.kind = one.kind
            and other.coverage_index <> one.coverage_index
    where
        (
            one.begin_date is distinct from other.begin_date
            or one.end_date <> other.end_date
            or one.tier <> other.tier
        )
        and case
            when one.kind = 'FULL'
                then one.begin_date <= other.end_date and other.begin_date <= one.end_date
            else one.effective_date = other.effective_date
        end
)

select
    record.coverage_index,
    record.member_index,
    record.source_segment,
    key.subscriber_id,
    person.member_id,
    person.is_known,
    key.is_subscriber,
    key.relationship_group,
    record.maintenance_type_code,
    key.maintenance_reason_code as reason_code,
    key.benefit_status_code,
    record.kind,
    record.compares_only,
    record.plan_id,
    record.product_line,
    record.tier,
    record.begin_date,
    record.end_date,
    record.effective_date,
    case
        when person.held_code <> '' then person.held_code
        when contradicted.coverage_index is not null then 'E-834-DUPMEM'
        when record.kind = 'PERSON' then ''
        when record.kind <> 'ALL_PLANS' and record.plan_id = '' then 'E-834-PLAN'
        when record.kind in ('021', 'FULL') and record.begin_date is null then 'E-834-DATE'
        when record.kind in ('024', 'ALL_PLANS') and record.end_date = date '9999-12-31'
            then 'E-834-DATE'
        when record.kind = '001' and record.effective_date is null then 'E-834-DATE'
        when
            record.kind not in ('002', '024', 'ALL_PLANS')
            and record.last_child_date < record.begin_date
            then 'E-834-AGE'
        when record.begin_date > record.end_date and record.kind not in ('002', '024')
            then 'E-834-DATE'
        when record.kind in ('021', 'FULL') and record.tier = '' then 'E-834-TIER'
        when record.kind <> 'ALL_PLANS' and record.coverage_level_code <> '' and record.tier = ''
            then 'E-834-TIER'
        when record.kind not in ('001', '002', '021', '024', '025', '026', '032', 'FULL', 'ALL_PLANS')
            then 'E-834-TYPE'
        else ''
    end as held_code,
    case
        when
            record.kind <> '024'
            and record.last_child_date < unit.received_date
            and record.end_date = record.last_child_date
            then 'E-834-AGE'
        else ''
    end as warning_code
from every_record as record
cross join unit
inner join enrollment_person_key as key
    on key.member_index = record.member_index
inner join enrollment_person as person
    on person.member_index = record.member_index
left join contradicted
    on contradicted.coverage_index = record.coverage_index
