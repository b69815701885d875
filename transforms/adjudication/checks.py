"""The last look before decisions leave the stage: nothing lost, every line adds up."""

import duckdb

CHECKS = {
    "matched claims more or less than decisions": """
        select abs(
            (
                select count(*)
                from matched_claim as matched
                inner join night_run on matched.employer_id = night_run.employer_id
            )
            - (
                select count(*)
                from adjudication_claim as claim
                inner join adjudication_claim_route as route on claim.claim_key = route.claim_key
                inner join adjudication_claim_dates as dates on claim.claim_key = dates.claim_key
                inner join adjudication_claim_plan as plan on claim.claim_key = plan.claim_key
            )
        )
    """,
    "lines of decided claims more or less than results": """
        select abs(
            (
                select count(*)
                from adjudication_line as line
                inner join adjudication_claim_route as route on line.claim_key = route.claim_key
                where route.route = 'DECIDED'
            )
            - (select count(*) from adjudication_line_result)
        )
    """,
    "lines with more than one result": """
        select count(*)
        from (
            select line_key
            from adjudication_line_result
            group by line_key
            having count(*) > 1
        ) as doubled
    """,
    "lines whose charge is not paid plus adjustments": """
        select count(*)
        from adjudication_line_result as result
        left join (
            select
                line_key,
                sum(amount_cents) as amount_cents
            from adjudication_adjustment
            group by line_key
        ) as adjusted on result.line_key = adjusted.line_key
        where
            coalesce(
                result.charge_cents - result.paid_cents - coalesce(adjusted.amount_cents, 0), -1
            ) <> 0
    """,
    "lines with a share below zero or paid above the allowed amount": """
        select count(*)
        from adjudication_line_result
        where
            coalesce(
                not (
                    paid_cents between 0 and allowed_cents
                    and copay_cents >= 0
                    and deductible_cents >= 0
                    and coinsurance_cents >= 0
                ),
                true
            )
    """,
    "claims whose lines do not add up to the charge": """
        select count(*)
        from (
            select claim.claim_key
            from adjudication_claim as claim
            inner join adjudication_line as line on claim.claim_key = line.claim_key
            group by claim.claim_key, claim.charge_cents
            having sum(line.charge_cents) <> claim.charge_cents
        ) as unbalanced
    """,
}


class AdjudicationError(Exception):
    """Decisions do not add up: a mistake of ours or of an earlier stage; nothing was written."""


def check_decisions(connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse a night in which a claim is lost or a cent is unexplained.

    Raises:
        AdjudicationError: Names the check and how many rows break it.
    """
    for name, query in CHECKS.items():
        ((count,),) = connection.execute(query).fetchall()
        if count:
            raise AdjudicationError(
                f"{name}: {count}. Report it with the manifest of the stage; the decisions of this"
                " night were not written."
            )
