"""What the lint says about designs that load but would do wrong."""

import re
import shutil
from pathlib import Path

import pytest

from transforms.plan.lint import LintFinding, errors, lint
from transforms.plan.loader import load_configuration

EXAMPLE = Path(__file__).resolve().parents[2]
PLAN = "employers/ACME/plans/ACME-PPO.yaml"
AGREEMENT = "employers/ACME/agreement.yaml"
NETWORK = "employers/networks/NORTHSTAR.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("employers", "partners"):
        shutil.copytree(EXAMPLE / name, tmp_path / name)
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def findings(folder: Path, rule_id: str = "") -> list[LintFinding]:
    return [f for f in lint(load_configuration(folder)) if f.rule_id.startswith(rule_id)]


def test_the_example_has_no_errors_and_says_which_codes_would_wait(folder: Path) -> None:
    found = findings(folder)
    assert errors(found) == []
    assert {finding.rule_id for finding in found} == {"PLAN-006"}
    assert any("00100-01999 of anesthesia" in finding.message for finding in found)


def test_an_out_of_pocket_maximum_of_12500_is_rejected_for_2026(folder: Path) -> None:
    change(folder / PLAN, 'individual_usd: "5000.00"', 'individual_usd: "12500.00"')
    change(folder / PLAN, 'family_usd: "10000.00"}', 'family_usd: "12500.00"}')
    found = findings(folder)
    (above,) = [f for f in found if f.rule_id == "PLAN-001"]
    assert above.message == "12500.00 is above the federal limit 10600.00"
    assert "CMS-9884-F" in above.source
    line = (folder / PLAN).read_text().splitlines()[above.line - 1]
    assert line[above.column - 1 :].startswith('individual_usd: "12500.00"')
    # Embedded at 12,500 is no cap of 10,600 for one person of a family either.
    assert [f.rule_id for f in found if f.rule_id == "PLAN-002"] == ["PLAN-002"]


@pytest.mark.parametrize(("individual", "rejected"), [("10600.00", False), ("10600.01", True)])
def test_the_federal_limit_itself_is_allowed(folder: Path, individual: str, rejected: bool) -> None:
    change(folder / PLAN, 'individual_usd: "5000.00"', f'individual_usd: "{individual}"')
    change(folder / PLAN, 'family_usd: "10000.00"}', 'family_usd: "21200.00"}')
    assert bool(findings(folder, "PLAN-001")) == rejected


@pytest.mark.parametrize(
    ("addition", "rejected"),
    [
        ("", False),  # embedded: each person stops at 5,000
        (", basis: aggregate", True),
        (', family_person_usd: "10600.00"', False),
        (', family_person_usd: "10700.00"', True),
    ],
)
def test_a_family_maximum_above_the_self_only_limit_needs_a_cap_for_each_person(
    folder: Path, addition: str, rejected: bool
) -> None:
    change(
        folder / PLAN,
        'out_of_pocket: {individual_usd: "5000.00", family_usd: "10000.00"',
        f'out_of_pocket: {{individual_usd: "5000.00", family_usd: "20000.00"{addition}',
    )
    assert bool(findings(folder, "PLAN-002")) == rejected


@pytest.mark.parametrize(
    ("deductible", "out_of_pocket", "rejected"),
    [
        # Amounts of 2026: at least 1,700 / 3,400 and at most 8,500 / 17,000.
        ('"2000.00", family_usd: "4000.00", basis: aggregate', '"6000.00", family_usd: "12000.00"', 0),
        ('"1650.00", family_usd: "4000.00", basis: aggregate', '"6000.00", family_usd: "12000.00"', 1),
        ('"2000.00", family_usd: "4000.00", basis: embedded', '"6000.00", family_usd: "12000.00"', 1),
        ('"3400.00", family_usd: "6800.00", basis: embedded', '"6000.00", family_usd: "12000.00"', 0),
        ('"2000.00", family_usd: "4000.00", basis: aggregate', '"8600.00", family_usd: "17100.00"', 2),
    ],
)  # fmt: skip
def test_a_high_deductible_plan_keeps_the_bounds_of_its_year(
    folder: Path, deductible: str, out_of_pocket: str, rejected: int
) -> None:
    change(folder / PLAN, "accumulator_group:", "high_deductible: true\naccumulator_group:")
    change(
        folder / PLAN,
        'deductible: {individual_usd: "1500.00", family_usd: "3000.00", basis: embedded}',
        f"deductible: {{individual_usd: {deductible}}}",
    )
    change(
        folder / PLAN,
        'out_of_pocket: {individual_usd: "5000.00", family_usd: "10000.00"}',
        f"out_of_pocket: {{individual_usd: {out_of_pocket}}}",
    )
    assert len(findings(folder, "PLAN-003")) == rejected


def test_preventive_care_with_a_copay_in_network_is_rejected(folder: Path) -> None:
    change(
        folder / PLAN,
        'in_network: {coinsurance: "0"}',
        'in_network: {copay_usd: "10.00", copay_basis: visit, coinsurance: "0"}',
    )
    (finding,) = findings(folder, "PLAN-004")
    assert finding.path == "categories.0.in_network"
    assert "147.130" in finding.source


def test_preventive_codes_that_fall_to_a_later_category_are_found_there(folder: Path) -> None:
    change(folder / PLAN, '["99381-99387", "99391-99397"]', '["99381-99387", "99391-99396"]')
    change(folder / PLAN, '"99251-99380"', '"99251-99399"')
    found = findings(folder, "PLAN-004")
    assert [finding.path for finding in found] == ["categories.12.in_network"]  # 99397 is medicine


def test_a_category_behind_a_wider_one_is_never_reached(folder: Path) -> None:
    change(
        folder / PLAN,
        "      - {procedure_codes: [\"99202-99205\", \"99211-99215\"], provider_taxonomy_prefixes:",
        "      - {procedure_codes: [\"99202-99205\", \"99211-99215\"]}\n"
        "      - {procedure_codes: [\"99202\"], provider_taxonomy_prefixes:",
    )  # fmt: skip
    paths = [finding.path for finding in findings(folder, "PLAN-005")]
    # The second match of the category itself, and the whole category for specialists after it.
    assert paths == ["categories.6.match.1", "categories.7.match.0"]


def test_two_ranges_together_may_hide_a_third(folder: Path) -> None:
    change(
        folder / PLAN,
        "  - id: medicine",
        '  - id: hidden\n    match: [{procedure_codes: ["70010-79999", "80047-80100"], modifiers: ["26"]}]\n'
        '    in_network: {coinsurance: "0"}\n    out_of_network: {coinsurance: "0"}\n  - id: medicine',
    )
    assert [f.message for f in findings(folder, "PLAN-005")] == [
        "category hidden is never reached by this match"
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "rule_id"),
    [
        (PLAN, "network_ids: [NORTHSTAR]", "network_ids: [SOUTHSTAR]", "NET-001"),
        (PLAN, "limit_ids: [therapy-visits]", "limit_ids: [visits]", "PLAN-007"),
        (PLAN, "- id: telehealth", "- id: preventive", "PLAN-008"),
        (PLAN, "from: 2026-01-01, through: 2026-12-31", "from: 2030-01-01, through: 2030-12-31", "PLAN-000"),
        (NETWORK, "method: fee_schedule, fee_schedule_id: NS-STANDARD", "method: fee_schedule, fee_schedule_id: NS-GOLD", "NET-001"),
        (NETWORK, 'billing_tax_id: "410000002"\n    billing_npis: ["1666666668"]', 'billing_tax_id: "411111111"\n    billing_npis: ["1999999984"]', "NET-002"),
        ("employers/networks/NS-STANDARD.csv", "99203,,139.25,2025-01-01,", "99202,,139.25,2026-01-01,", "NET-003"),
        ("employers/networks/bundling.csv", "99214,36415", "99213,36415", "NET-004"),
        (NETWORK, "receiver_partner_id: lakeside", "receiver_partner_id: hillside", "NET-005"),
        (NETWORK, "contract_id: NS-NORTH", "contract_id: NS-LAKESIDE", "NET-006"),
        (AGREEMENT, 'rate_usd: "6.75", from: 2026-01-01', 'rate_usd: "6.75", from: 2026-02-01', "AGR-001"),
        (AGREEMENT, 'rate_usd: "6.75", from: 2026-01-01', 'rate_usd: "6.75", from: 2026-01-01, through: 2026-06-30', "AGR-001"),
        (AGREEMENT, "- {id: network, ", "- {id: admin, ", "AGR-002"),
        (AGREEMENT, "America/Chicago", "America/Minneapolis", "AGR-004"),
        ("partners/north.yaml", "baa_date: 2025-11-14", "", "PAR-001"),
        ("partners/acmehr.yaml", "employer_ids: [ACME]", "employer_ids: [ACMEE]", "PAR-002"),
        ("partners/north.yaml", "ZZ:NORTHHOSP", "ZZ:LAKESIDE", "PAR-003"),
        ("partners/north.yaml", "baa_date:", "severities: {837-NPI-99: error}\nbaa_date:", "PAR-004"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_an_error_at_its_place(
    folder: Path, file: str, old: str, new: str, rule_id: str
) -> None:
    change(folder / file, old, new)
    found = errors(findings(folder))
    assert rule_id in {finding.rule_id for finding in found}, found
    for finding in found:
        text = (folder / finding.file).read_text().splitlines()[finding.line - 1]
        key = re.split(r"\.", finding.path)[-1]
        assert key.isdigit() or not key or text[finding.column - 1 :].startswith(key)


def test_a_rate_that_follows_without_a_gap_is_no_finding(folder: Path) -> None:
    text = (folder / AGREEMENT).read_text()
    row = next(line for line in text.splitlines() if "id: broker" in line)
    old = row.replace("from: 2026-01-01", "from: 2026-01-01, through: 2026-06-30")
    new = row.replace("from: 2026-01-01", "from: 2026-07-01").replace("4.00", "4.25")
    change(folder / AGREEMENT, row, f"{old}\n{new}")
    assert errors(findings(folder)) == []


def test_a_plan_has_one_file_a_plan_year(folder: Path) -> None:
    shutil.copy(folder / PLAN, folder / "employers/ACME/plans/ACME-PPO-2026.yaml")
    (finding,) = findings(folder, "PLAN-009")
    assert finding.message == "two files of ACME-PPO hold on the same day"
    later = folder / "employers/ACME/plans/ACME-PPO-2027.yaml"
    shutil.move(folder / "employers/ACME/plans/ACME-PPO-2026.yaml", later)
    change(later, "from: 2026-01-01, through: 2026-12-31", "from: 2027-01-01, through: 2027-12-31")
    assert errors(findings(folder)) == []
