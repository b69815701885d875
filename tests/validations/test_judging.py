"""A read file is judged by itself: the right rows, at their place, and nothing of good files."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from edi import read_to_parquet
from validations.code_sets import code_sets, load_code_set
from validations.judging import judge_folder

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "domain"
ON = date(2026, 3, 4)


def judged(folder: Path, text: str, on: date = ON) -> list[tuple[str, str]]:
    """Rule and severity of every finding on a file."""
    found = findings(folder, text, on)
    return [(str(row["rule_id"]), str(row["severity"])) for row in found]


def findings(folder: Path, text: str, on: date = ON) -> list[dict[str, object]]:
    folder.mkdir(exist_ok=True)
    (folder / "file.x12").write_text(text)
    read_to_parquet(folder / "file.x12", folder, threads=1)
    rows: list[dict[str, object]] = judge_folder(folder, on=on, threads=1).to_pylist()
    return rows


def sample(name: str = "837p_w4.edi") -> str:
    return (FIXTURES / name).read_text()


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.edi")), ids=lambda path: path.stem)
def test_good_files_break_no_rule(tmp_path: Path, path: Path) -> None:
    assert judged(tmp_path, path.read_text()) == []


PLANTED = {
    "837-DIAG-04 error": ("ABK:J029*ABF:E119", "ABK:Z9999*ABF:E119"),
    "837-DIAG-01 error": ("ABK:J029*ABF:E119", "ABK:J02.9*ABF:E119"),
    "837-DIAG-07 error": ("ABK:J029*ABF:E119", "BK:4011*BF:25000"),
    "837-PROC-03 error": ("HC:99213*165", "HC:00000*165"),
    "837-BAL-01 error": ("CLM*PCN-W4*240", "CLM*PCN-W4*241"),
    "837-BIRTH-01 error": ("DMG*D8*19790101", "DMG*D8*20790101"),
    "837-FREQ-02 error": ("11:B:1*Y*A*Y*Y~\nHI*ABK:J029*", "11:B:8*Y*A*Y*Y~\nHI*ABK:J029*"),
    "837-TAX-01 error": ("REF*EI*411111111", "REF*EI*41111111A"),
    "837-NPI-03 error": ("XX*1999999984", "XX*199999998"),
    "837-NPI-01 warning": ("XX*1999999984", "XX*1999999985"),
    "837-NPI-02 warning": ("XX*1000000012", "XX*1000000013"),
    "837-DUP-02 warning": ("CLM*PCN-NF1", "CLM*PCN-W4"),
    "837-ZIP-01 warning": ("N4*DULUTH*MN*558020001", "N4*DULUTH*CA*558020001"),
}


@pytest.mark.parametrize("expected", PLANTED)
def test_a_planted_mistake_is_found_by_its_rule(tmp_path: Path, expected: str) -> None:
    old, new = PLANTED[expected]
    text = sample()
    assert old in text
    rule, severity = expected.split()
    found = judged(tmp_path, text.replace(old, new, 1))
    assert (rule, severity) in found
    assert judged(tmp_path, text) == []


PLANTED_ENROLLMENT = {
    "834-DATE-01 error": ("DTP*348*D8*20260101", "DTP*303*D8*20260101"),
    "834-DATE-05 error": ("DTP*348*D8*20260101~", "DTP*348*D8*20260101~\nDTP*349*D8*19900101~"),
    "834-SUB-02 warning": ("REF*0F*E100001", "REF*0F*E999999"),
}


@pytest.mark.parametrize("expected", PLANTED_ENROLLMENT)
def test_a_planted_mistake_in_an_enrollment_file_is_found(tmp_path: Path, expected: str) -> None:
    old, new = PLANTED_ENROLLMENT[expected]
    text = sample("834_change.edi")
    assert old in text
    rule, severity = expected.split()
    assert (rule, severity) in judged(tmp_path, recounted(text, text.replace(old, new, 1)))


PLANTED_TOGETHER: list[tuple[str, dict[str, tuple[str, str]]]] = [
    (
        "837i_perdiem",
        {
            "837-BAL-01 error": ("CLM*PCN-I1*7980***11:A:1", "CLM*PCN-I1*7981***11:A:1"),
            "837-ADMIT-03 error": ("DTP*435*DT*202602050830~\n", ""),
            "837-ADMIT-06 error": ("CL1*1*1*01", "CL1*7*1*01"),
            "837-ADMIT-08 error": ("DTP*096*TM*1100~\n", ""),
            "837-DIAG-08 error": ("HI*ABJ:R509~\n", ""),
            "837-DIAG-04 error": ("HI*ABK:J189", "HI*ABK:Z9999"),
            "837-REV-01 error": ("SV2*0250", "SV2*9990"),
            "837-STAY-02 warning": ("6400*DA*4", "6400*DA*5"),
            "837-NPI-08 warning": ("XX*1456789019", "XX*1456789018"),
        },
    ),
    (
        "837i_perdiem",
        {
            "837-BILL-01 error": ("11:A:1", "99:A:1"),
            "837-DATE-02 error": ("20260205-20260209", "20260209-20260205"),
        },
    ),
    (
        "837d_crown",
        {
            "837-TOOTH-02 error": ("TOO*JP*14~\n", ""),
            "837-TOOTH-03 error": ("TOO*JP*3*M:O", "TOO*JP*3*M"),
            "837-TOOTH-05 warning": ("DTP*441*D8*20150310~\n", ""),
            "837-DATE-06 error": ("DTP*472*D8*20260226~\n", ""),
            "837-PROC-01 error": ("AD:D0140", "AD:00140"),
        },
    ),
    ("837d_crown", {"837-TOOTH-01 error": ("TOO*JP*14", "TOO*JP*33")}),
    (
        "835_reversal_correction",
        {
            "835-BAL-01 error": ("SVC*HC:80053*75*0*", "SVC*HC:80053*75*1*"),
            "835-BAL-02 error": ("CLP*PCN-W4*1*240*82.48", "CLP*PCN-W4*1*241*82.49"),
            "835-BAL-03 warning": ("82.49*44.49", "82.49*44.48"),
            "835-BAL-04 error": ("BPR*I*56.01", "BPR*I*56.03"),
            "835-BAL-07 error": ("CLP*PCN-W7*1*725", "CLP*PCN-W7*1*726"),
            "835-CODE-03 warning": ("CAS*PR*3*30", "CAS*CO*3*30"),
            "835-NPI-01 warning": ("PE*LAKESIDE CLINIC*XX*1999999984", "PE*X*XX*1999999985"),
        },
    ),
    (
        "277ca_mixed",
        {
            "277CA-COUNT-01 error": ("QTY*90*1", "QTY*90*2"),
            "277CA-AMOUNT-02 error": ("20260304*U*300", "20260304*U*301"),
        },
    ),
    ("277ca_mixed", {"277CA-STATUS-01 warning": ("*20260304*U*300", "*20260304*WQ*300")}),
    (
        "999_partial",
        {
            "999-COUNT-01 error": ("AK9*P*2*2*1", "AK9*A*2*2*3"),
            "999-COUNT-02 error": ("AK9*A*2*2*3", "AK9*A*2*2*3"),
        },
    ),
]


@pytest.mark.parametrize(("name", "mistakes"), PLANTED_TOGETHER)
def test_mistakes_planted_in_a_file_of_another_kind_are_all_found(
    tmp_path: Path, name: str, mistakes: dict[str, tuple[str, str]]
) -> None:
    text = changed = sample(f"{name}.edi")
    for old, new in mistakes.values():
        assert old in changed
        changed = changed.replace(old, new, 1)
    found = {f"{rule} {severity}" for rule, severity in judged(tmp_path, recounted(text, changed))}
    assert set(mistakes) <= found


def recounted(text: str, changed: str) -> str:
    """A changed file of one set whose SE counts its segments again."""
    grown = changed.count("~") - text.count("~")
    count = next(one for one in text.split("~") if one.strip().startswith("SE*")).split("*")[1]
    return changed.replace(f"SE*{count}*", f"SE*{int(count) + grown}*")


def test_a_finding_names_segment_byte_claim_and_line(tmp_path: Path) -> None:
    text = sample().replace("HC:80053*75", "HC:00000*75")
    [found] = findings(tmp_path, text)
    assert text.encode()[found["byte_offset"] :].startswith(b"LX*2~")  # type: ignore[index]
    segments = [part.strip() for part in text.split("~")]
    assert segments[found["segment_index"]] == "LX*2"  # type: ignore[call-overload]
    assert (found["claim_index"], found["line_number"], found["set_index"]) == (0, 2, 0)
    assert found["place"] == "2400/SV101-2"


def test_a_set_the_reader_refused_is_not_judged(tmp_path: Path) -> None:
    text = sample().replace("CLM*PCN-W4*240", "CLM*PCN-W4*241").replace("SE*45*0001", "SE*44*0001")
    assert judged(tmp_path, text) == []


def test_a_code_list_is_silent_about_days_it_does_not_cover(tmp_path: Path) -> None:
    text = sample().replace("ABK:J029*ABF:E119", "ABK:Z9999*ABF:E119")
    assert judged(tmp_path, text) == [("837-DIAG-04", "error")]
    later = text.replace("20260302", "20261002")
    assert judged(tmp_path, later, date(2026, 10, 4)) == []


@pytest.mark.parametrize("one", code_sets(), ids=lambda one: one.name)
def test_a_code_list_names_its_source_and_covers_the_days_of_its_codes(one: object) -> None:
    [described] = [known for known in code_sets() if known == one]
    table = load_code_set(described.name)
    codes = table["code"].to_pylist()
    assert described.source
    assert described.covers_from <= described.vintage <= described.covers_through
    assert len(codes) == len(set(codes)) > 4
    for first, last in zip(
        *(table[name].to_pylist() for name in ("valid_from", "valid_through")), strict=True
    ):
        assert described.covers_from <= first <= last


def test_diagnoses_of_two_years_have_their_days() -> None:
    days = {
        row["code"]: (row["valid_from"], row["valid_through"])
        for row in load_code_set("icd10cm").to_pylist()
    }
    assert days["J029"] == (date(2024, 10, 1), date(2026, 9, 30))
    assert days["G35"][1] == date(2025, 9, 30)
    assert days["G35A"][0] == date(2025, 10, 1)
    assert "E11" not in days
    assert len(days) > 74_000


def test_judging_twice_gives_the_same_findings(tmp_path: Path) -> None:
    text = sample().replace("HC:99", "HC:00").replace("XX*1999999984", "XX*1999999985")
    (tmp_path / "file.x12").write_text(text)
    read_to_parquet(tmp_path / "file.x12", tmp_path, threads=1)
    one, two = (judge_folder(tmp_path, on=ON, threads=threads) for threads in (1, 2))
    assert one.equals(two)
    assert one.num_rows > 2
    assert pq.read_metadata(tmp_path / "claims.parquet").num_rows == 2
