"""Readers of other people agree with what we write, and see what our gate sees."""

import os
from pathlib import Path

import oxedi
import pytest

from edi.nacha import NachaError, read_ach
from edi.remittance import write_remittances
from tests.remittance.oracles import oxedi_diagnostics, pyx12_complaints
from tests.remittance.samples import AT, golden_rows, tables
from validations.ach_check import check_ach
from validations.remittance_check import check_remittance


@pytest.fixture(scope="module")
def content() -> bytes:
    (written,) = write_remittances(tables(golden_rows()), at=AT)
    return written.content


def test_pyx12_and_oxedi_find_nothing_wrong(content: bytes) -> None:
    assert pyx12_complaints(content) == []
    assert oxedi_diagnostics(content) == []


def test_oxedi_reads_the_same_money(content: bytes) -> None:
    result = oxedi.parse(content)
    assert result.count_claims() == 4
    assert str(result.sum_payments()) == "56.01"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"CLP*PCN-W4*1*", b"CLP*PCN-W4*9*"),
        (b"REF*TJ*", b"REF*QQ*"),
        (b"NM1*QC*1*ROE*JOHN****MI*E100002~", b""),
        (b"DTM*405*20260313~", b"DTM*405*20260313~DTM*405*20260313~"),
    ],
    ids=["status", "qualifier", "patient", "repeat"],
)
def test_the_oracles_see_what_is_planted(content: bytes, old: bytes, new: bytes) -> None:
    """The checks above can fail: pyx12 complains about each of these."""
    assert pyx12_complaints(content.replace(old, new)) != []


@pytest.mark.slow
def test_what_pyx12_finds_missing_the_gate_finds_too(content: bytes) -> None:
    """Take one segment of each kind out of the body and correct the count."""
    parts = content.split(b"~")
    kinds = {part[:6]: position for position, part in enumerate(parts[3:-4], start=3)}
    missed = 0
    for position in kinds.values():
        without = b"~".join(parts[:position] + parts[position + 1 :])
        without = without.replace(b"SE*81*", b"SE*80*")
        if pyx12_complaints(without):
            missed += 1
            assert check_remittance(without) != [], parts[position]
    assert missed >= 5


@pytest.fixture(scope="module")
def cases() -> Path:
    folder = os.environ.get("EDI_CASES")
    if not folder:
        pytest.skip("EDI_CASES names no folder of public case files")
    return Path(folder)


@pytest.mark.cases
def test_public_835s_are_judged_without_an_exception(cases: Path) -> None:
    contents = [path.read_bytes() for path in sorted(cases.rglob("*")) if path.is_file()]
    found = [content for content in contents if b"ST*835*" in content]
    assert len(found) >= 10
    judged = [check_remittance(content) for content in found]
    assert all(isinstance(findings, list) for findings in judged)


@pytest.mark.cases
def test_public_835s_that_do_not_balance_are_found(cases: Path) -> None:
    paths = {path.name: path for path in cases.rglob("*835*")}
    expected = {
        "092_BAL_835_clp_unbalanced.edi": "835-BAL-0",
        "094_BAL_835_plb_unbalanced.edi": "835-BAL-04",
        "085_SIT_835_no_trn.edi": "835-SEQ-03",
    }
    for name, code in expected.items():
        findings = check_remittance(paths[name].read_bytes())
        assert any(finding.startswith(code) for finding in findings), (name, findings)
    balanced = check_remittance(paths["125_OK_835_plb_balanced.edi"].read_bytes())
    assert not [finding for finding in balanced if finding.startswith(("835-BAL", "835-CNT"))]


@pytest.mark.cases
def test_public_ach_files_are_read_or_refused_by_name(cases: Path) -> None:
    paths = [path for path in cases.rglob("*.ach") if path.is_file()]
    assert len(paths) >= 10
    refused = 0
    for path in paths:
        assert isinstance(check_ach(path.read_bytes()), list)
        try:
            read_ach(path.read_bytes())
        except NachaError:
            refused += 1
    assert refused < len(paths)
