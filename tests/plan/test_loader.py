"""Configuration files become models, and every mistake in them is told with its place."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from transforms.plan.loader import ConfigurationError, load_configuration

EXAMPLE = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("employers", "partners"):
        shutil.copytree(EXAMPLE / name, tmp_path / name)
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(folder)
    return [str(problem) for problem in caught.value.problems]


def test_the_example_configuration_loads(folder: Path) -> None:
    configuration = load_configuration(folder)
    plan = configuration.employers["ACME"].plans[0]
    assert plan.accumulators.in_network.deductible.individual_usd == Decimal("1500.00")
    assert configuration.partners["acmehr"].employer_ids == ("ACME",)
    network = configuration.networks["NORTHSTAR"]
    assert network.contracts[0].billing_npis == ("1999999984",)
    assert network.fee_schedules[0].rates[5].rate_usd == Decimal("112.48")
    assert network.bundling_pairs is not None
    assert network.bundling_pairs.pairs[0].bypass_modifiers == ("59", "XE", "XS", "XP", "XU")


def test_an_identifier_keeps_its_leading_zero_and_a_code_is_never_a_truth_value(
    folder: Path,
) -> None:
    file = folder / "employers/networks/NORTHSTAR.yaml"
    change(file, 'account_number: "7654321"', "account_number: 0012300")
    change(file, "state: MN", "state: NO")
    contract = load_configuration(folder).networks["NORTHSTAR"].contracts[0]
    assert contract.payee.account_number == "0012300"
    assert contract.payee.address.state == "NO"


def test_a_wrong_value_is_told_with_file_line_and_column(folder: Path) -> None:
    file = folder / "employers/ACME/plans/ACME-PPO.yaml"
    change(file, 'individual_usd: "1500.00"', 'individual_usd: "1500.005"')
    line = (
        file.read_text()
        .splitlines()
        .index(
            '    deductible: {individual_usd: "1500.005", family_usd: "3000.00", basis: embedded}'
        )
    )
    (problem,) = problems(folder)
    assert problem.startswith(f"employers/ACME/plans/ACME-PPO.yaml:{line + 1}:18 ")
    assert "accumulators.in_network.deductible.individual_usd" in problem
    assert "at most two decimals" in problem


def test_every_mistake_of_every_file_is_told_at_once(folder: Path) -> None:
    change(folder / "partners/acmehr.yaml", "kind: folder", "kind: pigeon")
    change(folder / "employers/ACME/agreement.yaml", "due_banking_days: 2", "due_days: 2")
    found = problems(folder)
    assert len(found) == 3  # wrong kind; missing key; unknown key
    assert any("partners/acmehr.yaml:4:12 exchange.kind" in text for text in found)
    assert any("funding.due_banking_days: Field required" in text for text in found)
    assert any("funding.due_days" in text and "nothing reads it" in text for text in found)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("partners/bank.yaml", "name: Fed Bank", "name: A\nname: B", "found duplicate key"),
        ("partners/bank.yaml", "sender_ids: []", "sender_ids: [", "expected"),
        ("partners/bank.yaml", "baa_date: 2025-11-14", "baa_date: 2025-02-30", "no such day"),
        ("partners/bank.yaml", "baa_date: 2025-11-14", "baa_date: 1767225600", "write a day as"),
        ("partners/bank.yaml", "partner_id: bank", "partner_id: banc", "does not equal the name"),
        ("employers/ACME/agreement.yaml", "rate_usd: \"28.50\"", "rate_usd: -28.50", "no sign"),
        ("employers/ACME/agreement.yaml", "091000019", "091000018", "routing number is wrong"),
        ("employers/networks/NORTHSTAR.yaml", "1999999984", "1999999983", "NPI is wrong"),
        ("employers/networks/NORTHSTAR.yaml", "file: NS-STANDARD.csv", "file: NO.csv", "missing"),
        ("employers/networks/NS-STANDARD.csv", "rate_usd", "rate", "the first line must be"),
        ("employers/networks/NS-STANDARD.csv", "96.10", "96.1x", "rate_usd: write an amount"),
        ("employers/ACME/plans/ACME-PPO.yaml", "99381-99387", "99387-99381", "ends before it"),
        ("employers/ACME/plans/ACME-PPO.yaml", 'coinsurance: "0"', 'copay_usd: "5"', "coinsurance"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused(folder: Path, file: str, old: str, new: str, message: str) -> None:
    change(folder / file, old, new)
    assert any(message in text for text in problems(folder)), problems(folder)


def test_a_file_nothing_reads_is_refused_but_a_readme_is_not(folder: Path) -> None:
    (folder / "partners/README.md").write_text("about partners")
    load_configuration(folder)
    (folder / "partners/extra.yml").write_text("partner_id: extra")
    (problem,) = problems(folder)
    assert "partners/extra.yml:1:1 nothing reads this file" in problem


def test_the_digest_changes_with_any_byte_of_a_schedule_and_not_with_a_readme(folder: Path) -> None:
    first = load_configuration(folder).digest
    (folder / "partners/README.md").write_text("about partners")
    assert load_configuration(folder).digest == first
    change(folder / "employers/networks/NS-STANDARD.csv", "96.10", "96.11")
    assert load_configuration(folder).digest != first
