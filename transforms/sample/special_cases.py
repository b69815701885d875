"""The planted cases: every way a claim can go other than being paid plainly, and how often."""

from collections.abc import Callable

from transforms.sample import cases_of_benefits, cases_of_coverage, cases_of_resubmission
from transforms.sample.drafts import Desk

RATES: dict[Callable[[Desk], None], int] = {
    cases_of_benefits.therapy_series: 150,
    cases_of_benefits.out_of_pocket_maximum: 100,
    cases_of_benefits.family_deductible: 400,
    cases_of_benefits.shared_emergency_copay: 800,
    cases_of_resubmission.duplicate_in_another_file: 1_000,
    cases_of_resubmission.replacement_in_another_file: 400,
    cases_of_resubmission.void_in_another_file: 200,
    cases_of_benefits.bundled_in_another_file: 300,
    cases_of_coverage.unknown_member: 2_000,
    cases_of_coverage.unbalanced: 700,
    cases_of_coverage.replacement_without_original: 200,
    cases_of_coverage.void_without_original: 100,
    cases_of_coverage.unknown_dependent: 800,
    cases_of_coverage.before_coverage: 900,
    cases_of_coverage.after_coverage: 1_500,
    cases_of_coverage.in_a_gap: 500,
    cases_of_coverage.straddling_the_end: 300,
    cases_of_resubmission.late: 900,
    cases_of_resubmission.one_day_late: 100,
    cases_of_resubmission.on_the_last_day: 300,
    cases_of_resubmission.duplicate_in_the_file: 700,
    cases_of_resubmission.duplicate_line: 500,
    cases_of_resubmission.repeated_on_purpose: 400,
    cases_of_resubmission.replacement: 900,
    cases_of_resubmission.replaced_twice: 100,
    cases_of_resubmission.replacement_of_nothing: 200,
    cases_of_resubmission.void: 500,
    cases_of_resubmission.void_of_nothing: 100,
    cases_of_benefits.cosmetic: 700,
    cases_of_benefits.travel_vaccine: 400,
    cases_of_benefits.bundled: 2_500,
    cases_of_benefits.bundling_bypassed: 500,
    cases_of_benefits.unlisted_code: 600,
    cases_of_benefits.no_price: 500,
    cases_of_benefits.no_category: 400,
    cases_of_benefits.other_payer: 1_200,
    cases_of_benefits.below_the_rate: 1_500,
    cases_of_benefits.out_of_network: 1_000,
    cases_of_benefits.out_of_network_telehealth: 500,
}
"""How often a case is planted, a million claims. The first ones need the most room."""


def plant_special_cases(desk: Desk) -> None:
    """Plant this shard's share of every case."""
    shards = len(desk.scenario.shards)
    for position, (plant, rate) in enumerate(RATES.items()):
        total = max(1, desk.scenario.settings.claims * rate // 1_000_000)
        turn = (desk.shard.index + position) % shards
        for _ in range(total * (turn + 1) // shards - total * turn // shards):
            plant(desk)
