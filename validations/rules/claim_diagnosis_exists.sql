-- Most codes were valid on every day the list covers: only the others are held against the day. A code
-- without the form of one is the business of another rule. A code nobody knows is valid from the last
-- day there is: compared as null inside a join, DuckDB 2.0 loses it. Suspects are kept apart, or the
-- days would be joined before the codes.
with sent as (
    select distinct code
    from diagnosis
    where is_icd10 and regexp_matches(code, '^[A-Z][0-9][0-9AB][0-9A-Z]{0,4}$')
),

dated as (
    select
        sent.code,
        coalesce(known.valid_from, date '9999-12-31') as valid_from,
        coalesce(known.valid_through, date '9999-12-31') as valid_through
    from sent
    left join code_icd10cm as known
        on known.code = sent.code
),

doubtful as (
    select
        dated.code,
        dated.valid_from,
        dated.valid_through,
        covered.covers_from,
        covered.covers_through
    from dated
    cross join code_coverage as covered
    where
        covered.code_set = 'icd10cm'
        and (dated.valid_from > covered.covers_from or dated.valid_through < covered.covers_through)
),

suspect as materialized (
    select
        diagnosis.file_key,
        diagnosis.claim_index,
        doubtful.valid_from,
        doubtful.valid_through,
        doubtful.covers_from,
        doubtful.covers_through
    from diagnosis
    inner join doubtful
        on doubtful.code = diagnosis.code
    where diagnosis.is_icd10
)

select distinct
    suspect.file_key,
    suspect.claim_index
from suspect
inner join line_total
    on
        line_total.file_key = suspect.file_key
        and line_total.claim_index = suspect.claim_index
where
    line_total.last_date between suspect.covers_from and suspect.covers_through
    and line_total.last_date not between suspect.valid_from and suspect.valid_through
