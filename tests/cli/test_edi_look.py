import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.cli.edi_files import CLAIMS, MEMBERS, PAYMENTS, SAMPLES, SECRETS, damaged, edi

WITHOUT_AMOUNT = ("CLM*PCN-W4*240*", "CLM*PCN-W4**")
NO_DAY = ("DMG*D8*19790101*M", "DMG*D8*19791301*M")


def test_a_good_file_is_one_line_and_exit_status_0() -> None:
    result = edi("check", CLAIMS)
    assert result.exit_code == 0
    line = result.output.splitlines()[1].split()
    assert line[1:6] == ["accepted", "837P", "1", "2", "claims"]


def test_one_bad_file_among_good_ones_makes_exit_status_1(tmp_path: Path) -> None:
    bad = damaged(tmp_path, WITHOUT_AMOUNT)
    result = edi("check", CLAIMS, bad, MEMBERS)
    assert result.exit_code == 1
    verdicts = [line.split()[1] for line in result.output.splitlines()[1:4]]
    assert verdicts == ["accepted", "rejected", "accepted"]
    assert "3 files: 2 accepted, 1 not" in result.output
    assert f"aso edi explain {bad}" in result.output


def test_folders_and_patterns_stand_for_the_files_in_them() -> None:
    folder = json_lines(edi("check", "--json", SAMPLES).output)
    pattern = json_lines(edi("check", "--json", SAMPLES / "837*.edi").output)
    assert len(folder) == len([p for p in SAMPLES.iterdir() if p.is_file()])
    assert sorted(line["guides"][0] for line in pattern) == ["837D", "837I", "837P"]


def test_a_near_miss_of_a_guide_is_noted_and_accepted(tmp_path: Path) -> None:
    path = damaged(
        tmp_path,
        ("*X*005010X222A1", "*X*005010X222A2"),
        ("*0001*005010X222A1", "*0001*005010X222A2"),
    )
    result = edi("check", path)
    assert result.exit_code == 0
    assert result.output.splitlines()[1].split()[6:8] == ["-", "1"]
    explained = edi("explain", path)
    assert explained.exit_code == 0
    assert "Send the version of the guide itself" in explained.output


def json_lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_lines_of_a_check_fit_a_terminal_of_80_columns(tmp_path: Path) -> None:
    bad = damaged(tmp_path, WITHOUT_AMOUNT, name="a_rather_long_name_that_a_partner_chose.x12")
    from rich.console import Console

    from transforms.cli.edi_check import _heading, _line, _name_width
    from transforms.inspection.check import check_file

    console = Console(width=80, force_terminal=True)
    width = _name_width(console, [bad])
    line = _line(check_file(bad, on=date(2026, 3, 4), threads=1), width)
    assert len(_heading(width)) <= 80
    assert len(line.plain.rstrip()) <= 80
    assert line.plain.startswith("...")
    assert "chose.x12" in line.plain


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (gzip.compress(b"ISA*00*", mtime=0), "gunzip file.x12"),
        (b"PK\x03\x04zip", "ZIP archive"),
        ("ISA*00*".encode("utf-16"), "UTF-16"),
        (b"name,amount\nx,1\n", "no interchange header"),
        (b"\n \n", "nothing but blanks"),
        (b"GS*HC*A*B~ST*837*0001~", "ask the sender for the whole file"),
    ],
)
def test_a_file_that_is_no_x12_is_told_apart_and_what_to_do(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "file.x12"
    path.write_bytes(content)
    for command in (
        ["explain", path],
        ["show", path, "--claim", 1],
        ["to-parquet", path, tmp_path / "o"],
    ):
        result = edi(*command)
        assert result.exit_code == 2
        assert says in result.stderr
        assert result.stderr.count("\n") == 1
    checked = edi("check", path)
    assert checked.exit_code == 1
    assert says in " ".join(checked.output.split())


def test_a_path_that_names_no_file_says_so_in_one_line(tmp_path: Path) -> None:
    for name, says in (
        (tmp_path / "none.x12", "there is no such file"),
        (tmp_path / "no" / "none.x12", "there is no folder"),
        (tmp_path, "the folder holds no files"),
        (tmp_path / "*.x12", "no file has such a name"),
    ):
        result = edi("check", name)
        assert result.exit_code == 2
        assert says in result.stderr
    assert "this is a folder" in edi("explain", tmp_path).stderr


def test_a_finding_says_what_where_why_and_what_to_do(tmp_path: Path) -> None:
    result = edi("explain", damaged(tmp_path, WITHOUT_AMOUNT), width=200)
    assert result.exit_code == 1
    text = result.output
    assert "Required element is missing" in text
    assert "loop 2300 Claim Information, segment CLM Claim Information" in text
    assert "element CLM02 Total Claim Charge Amount" in text
    assert "set 0001, segment 18 of the set, segment 20 of the file, byte 619" in text
    assert "Send a value." in text


def test_nothing_of_a_person_is_shown_unless_asked_for(tmp_path: Path) -> None:
    bad = damaged(tmp_path, WITHOUT_AMOUNT, NO_DAY, ("MI*E100002", "MI*E"), ("SE*45", "SE*44"))
    pages = [edi("explain", bad), edi("explain", bad, "--json")]
    pages += [
        edi("show", CLAIMS, "--claim", n, *more) for n in (1, 2) for more in ((), ("--json",))
    ]
    for page in pages:
        assert len(page.output) > 200
        assert [secret for secret in SECRETS if secret in page.output] == []


def test_unmasked_pages_show_all_and_say_so(tmp_path: Path) -> None:
    result = edi("show", CLAIMS, "--claim", 1, "--unmasked")
    shown = ("ROE", "JOHN", "E100002", "J029", "PCN-W4", "DULUTH", "OAK ST")
    assert [word for word in shown if word not in result.stdout] == []
    assert "protected health information" in result.stderr
    found = edi("explain", damaged(tmp_path, NO_DAY), "--unmasked")
    assert "19791301" in found.stdout
    assert "protected health information" in found.stderr


def test_a_masked_date_shows_the_form_of_the_mistake(tmp_path: Path) -> None:
    bad = damaged(tmp_path, ("DMG*D8*19790101*M", "DMG*D8*1979-1-1*M"))
    assert "of the form 9999-9-9" in edi("explain", bad).output


def test_equal_findings_stand_together_with_their_count(tmp_path: Path) -> None:
    text = CLAIMS.read_text()
    path = tmp_path / "claims.x12"
    path.write_text(text.replace("*D8*20260302", "*D8*20261302"))
    result = edi("explain", path, "--first", 2)
    assert "3 findings of 1 kind" in result.output
    assert result.output.count("there now:") == 2
    assert "and 1 more like this" in result.output


@pytest.mark.parametrize(
    ("path", "option", "words"),
    [
        (
            CLAIMS,
            "--claim",
            ["total charge", "240", "99213", "NPI 1999999984", "rendering provider"],
        ),
        (MEMBERS, "--member", ["relationship", "18 self", "ACME-PPO", "2026-01-01"]),
        (PAYMENTS, "--payment", ["22 reversal", "-450.6", "PR 1 -312.15 2 -112.65", "payee"]),
        (SAMPLES / "837i_perdiem.edi", "--claim", ["type of bill", "0120", "6400", "attending"]),
        (SAMPLES / "837d_crown.edi", "--claim", ["D2740", "14", "1000"]),
        (SAMPLES / "277ca_mixed.edi", "--status", ["A2 accepted", "240", "2026-03-02"]),
        (SAMPLES / "999_partial.edi", "--answer", ["A accepted", "0001"]),
    ],
)
def test_a_record_of_every_guide_is_a_page(path: Path, option: str, words: list[str]) -> None:
    result = edi("show", path, option, 1)
    assert result.exit_code == 0
    assert [word for word in words if word not in result.output] == []


def test_a_record_is_shown_with_its_own_segments_alone() -> None:
    page = json.loads(edi("show", CLAIMS, "--claim", 2, "--json", "--unmasked").stdout)
    texts = [segment["text"] for segment in page["segments"]]
    assert texts[0].startswith("CLM*PCN-NF1*")
    assert texts[-1] == "REF*6R*1"
    assert len(texts) == 8
    assert [party["name"] for party in page["parties"] if "Subscriber" in party["role"]] == [
        "NOPE NEMO"
    ]


def test_rules_on_records_return_a_claim_of_an_accepted_set(tmp_path: Path) -> None:
    path = damaged(tmp_path, ("CLM*PCN-W4*240*", "CLM*PCN-W4*241*"))
    checked = edi("check", path, "--received", "2026-03-04")
    assert checked.exit_code == 1
    assert checked.output.splitlines()[1].split()[1] == "partly"
    explained = edi("explain", path, "--received", "2026-03-04", width=200)
    assert explained.exit_code == 1
    assert "837-BAL-01" in explained.output
    assert "returned with claim status A8:400" in explained.output
    assert "CLM*<patient control number>*241*" in explained.output
    early = edi("explain", CLAIMS, "--received", "2026-03-01")
    assert "837-DATE-01" in early.output


def test_a_number_beyond_the_last_record_says_how_many_there_are() -> None:
    assert "holds 2 claims only" in edi("show", CLAIMS, "--claim", 3).stderr
    assert "holds no member" in edi("show", CLAIMS, "--member", 1).stderr
    assert "set 0009, holds no claim" in edi("show", CLAIMS, "--claim", 1, "--set", "0009").stderr
    assert edi("show", CLAIMS).exit_code == 2


def test_tables_are_written_and_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "tables"
    result = edi("to-parquet", CLAIMS, folder)
    assert result.exit_code == 0
    assert "1,236 bytes in, 1,236 accounted for" in result.output
    assert (folder / "claims.parquet").exists()
    assert edi("to-parquet", CLAIMS, folder).exit_code == 0
    few = edi("to-parquet", CLAIMS, tmp_path / "few", "--table", "service_lines")
    assert few.exit_code == 0
    assert (tmp_path / "few" / "service_lines.parquet").exists()
    assert not (tmp_path / "few" / "diagnoses.parquet").exists()
    assert "no guide fills a table lines" in (
        edi("to-parquet", CLAIMS, tmp_path / "none", "--table", "lines").stderr
    )
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine")
    refused = edi("to-parquet", CLAIMS, tmp_path / "other")
    assert refused.exit_code == 2
    assert sorted(p.name for p in (tmp_path / "other").iterdir()) == ["letter.txt"]


def test_tables_become_the_file_again_and_what_is_missing_is_told_in_one_line(
    tmp_path: Path,
) -> None:
    folder, again = tmp_path / "tables", tmp_path / "again.x12"
    assert edi("from-parquet", folder, again).exit_code == 2
    assert edi("to-parquet", CLAIMS, folder).exit_code == 0
    result = edi("from-parquet", folder, again)
    assert result.exit_code == 0
    assert "1,236 bytes written" in result.output
    assert again.read_bytes() == CLAIMS.read_bytes()
    for change in (
        lambda: edi("to-parquet", CLAIMS, folder, "--table", "notes"),
        lambda: (folder / "unmapped.parquet").write_text("no table"),
        lambda: (folder / "unmapped.parquet").write_bytes(
            (folder / "findings.parquet").read_bytes()
        ),
    ):
        change()
        refused = edi("from-parquet", folder, tmp_path / "none.x12")
        assert refused.exit_code == 2
        assert "unmapped" in refused.stderr
        assert refused.stderr.count("\n") == 1
        assert not (tmp_path / "none.x12").exists()
    assert edi("from-parquet", folder, tmp_path / "no" / "again.x12").exit_code == 2


def test_answers_take_their_numbers_and_time_from_the_options(tmp_path: Path) -> None:
    numbers = ("--interchange-number", 41, "--group-number", 7, "--at", "2026-03-04T10:05")
    result = edi("ack", CLAIMS, tmp_path / "a", *numbers)
    assert result.exit_code == 0
    again = edi("ack", CLAIMS, tmp_path / "b", *numbers)
    assert again.exit_code == 0
    names = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert names == ["277ca_000000043.x12", "999_000000042.x12", "ta1_000000041.x12"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    answer = (tmp_path / "a" / names[1]).read_text()
    assert "*260304*1005*" in answer
    assert "IK5*A~" in answer
    none = ("--ta1", "never", "--999", "never", "--277ca", "never")
    never = edi("ack", CLAIMS, tmp_path / "c", *numbers, *none)
    assert never.output == "nothing to answer\n"


def test_guides_and_rules_are_listed() -> None:
    assert "005010X222A1" in edi("guides").output
    assert "837-BAL-01" in edi("rules").output
    assert "sum of the lines" in edi("rules", "837-bal-01").output
    assert "there is no X-1" in edi("rules", "X-1").stderr


def test_a_reading_shows_counts_and_no_value_of_the_file() -> None:
    import edi as package

    text = repr(package.read(CLAIMS))
    assert "1 of 1 sets accepted" in text
    assert "claims: 2 rows" in text
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_copy_is_made_under_a_key_and_never_over_another_file(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"k" * 32)
    out = tmp_path / "copy.x12"
    result = edi("deidentify", CLAIMS, out, "--key-file", key)
    assert result.exit_code == 0
    assert "judged as the file is" in result.output
    assert [secret for secret in SECRETS if secret in result.output] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.x12", "key"]
    assert "exists already" in edi("deidentify", CLAIMS, out, "--key-file", key).stderr
    missing = edi("deidentify", CLAIMS, tmp_path / "b", "--key-file", tmp_path / "none")
    assert "urandom" in missing.stderr
    key.write_bytes(b"short")
    short = edi("deidentify", CLAIMS, tmp_path / "b", "--key-file", key)
    assert "fewer than 16 bytes" in short.stderr


def test_two_files_are_compared_by_claim_and_element(tmp_path: Path) -> None:
    other = damaged(
        tmp_path, ("PCN-W4*240", "PCN-W4*250"), ("REF*6R*2~\n", ""), ("OAK ST", "ELM ST")
    )
    result = edi("diff", CLAIMS, other)
    assert result.exit_code == 1
    text = result.output
    assert "claim: 1 the same, 1 changed, 0 only in B, 0 only in A" in text
    assert "2300/CLM02" in text
    assert "Total Claim Charge Amount" in text
    assert "240 -> 250" in text
    assert "REF*6R*2 -> (nothing)" in text
    assert "<street> -> <street>" in text
    assert [secret for secret in SECRETS if secret in text] == []
    shown = json.loads(edi("diff", CLAIMS, other, "--json", "--unmasked").stdout)
    before = {change["before"] for change in shown["first_changed"][0]["changes"]}
    assert before == {"9 OAK ST", "240", "REF*6R*2"}


def test_order_line_ends_and_delimiters_are_no_difference(tmp_path: Path) -> None:
    text = CLAIMS.read_text().replace("\n", "")
    start, middle, end = (text.index(word) for word in ("HL*2*1", "HL*3*1", "SE*45"))
    moved = text[:start] + text[middle:end] + text[start:middle] + text[end:]
    swapped = tmp_path / "swapped.x12"
    swapped.write_text(moved.replace("HL*3*1", "HL*9*1").replace("*", "|").replace("~", "~\r\n"))
    result = edi("diff", CLAIMS, swapped)
    assert (result.exit_code, result.output) == (
        0,
        "claim: 2 the same, 0 changed, 0 only in B, 0 only in A\n",
    )


def test_records_of_one_file_alone_are_named(tmp_path: Path) -> None:
    other = damaged(tmp_path, ("CLM*PCN-NF1", "CLM*PCN-NEW"))
    text = edi("diff", CLAIMS, other).output
    assert "only in A: claim 2" in text
    assert "only in B: claim 2" in text
    assert edi("diff", MEMBERS, MEMBERS).output.startswith("member: 3 the same")
    assert edi("diff", PAYMENTS, PAYMENTS).output.startswith("payment: 4 the same")
