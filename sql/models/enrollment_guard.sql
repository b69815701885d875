-- What a full file would change, counted before anything is changed. Grain: one row.
-- An addition is a member and plan of the file that is not covered on the file's day.
with covered as (
    select distinct
        known_span.member_id,
        known_span.plan_id
    from known_span
    cross join unit
    inner join full_file_line
        on full_file_line.product_line = known_span.product_line
    where known_span.end_date >= unit.file_effective_date
),

sent as (
    select distinct
        coverage.member_id,
        coverage.plan_id
    from enrollment_coverage as coverage
    cross join unit
    where
        coverage.kind in ('021', 'FULL')
        and coverage.plan_id <> ''
        and coverage.end_date >= unit.file_effective_date
)

select
    (select count(*) from covered) as open_count,
    (
        select count(*)
        from sent
        left join covered
            on
                covered.member_id = sent.member_id
                and covered.plan_id = sent.plan_id
        where covered.member_id is null
    ) as add_count,
    (select count(*) from enrollment_absence where is_term) as term_count
