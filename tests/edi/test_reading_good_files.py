"""The samples give their documented values, and every column takes the element its name promises."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import edi
from edi.column_plan import tables
from tests.edi.x12_files import CLAIMS, MEMBERS, SAMPLES, body_of, joined, read, sample


def test_the_claim_sample_gives_two_claims_of_240_and_300_with_their_lines() -> None:
    reading = edi.read(SAMPLES / CLAIMS)
    claims = reading.tables["claims"].to_pylist()
    assert [c["patient_control_number"] for c in claims] == ["PCN-W4", "PCN-NF1"]
    assert [c["charge_usd"] for c in claims] == [Decimal("240.00"), Decimal("300.00")]
    assert claims[0]["diagnosis_codes"] == ["J029", "E119"]
    assert claims[0]["subscriber_birth_date"] == date(1979, 1, 1)
    assert claims[0]["patient_last_name"] is None  # the patient is the subscriber
    lines = reading.tables["service_lines"].to_pylist()
    assert [(x["claim_index"], x["procedure_code"], x["charge_usd"]) for x in lines] == [
        (0, "99213", Decimal("165.00")),
        (0, "80053", Decimal("75.00")),
        (1, "99214", Decimal("300.00")),
    ]
    assert [x["diagnosis_pointer_2"] for x in lines] == ["2", None, None]
    assert reading.findings.num_rows == 0
    (row,) = reading.tables["transaction_sets"].to_pylist()
    assert (row["acceptance_code"], row["record_count"], row["charge_usd"]) == (
        "A",
        2,
        Decimal("540.00"),
    )


def test_the_member_sample_gives_three_members_and_four_coverages() -> None:
    reading = edi.read(SAMPLES / MEMBERS)
    members = reading.tables["members"].to_pylist()
    assert [m["first_name"] for m in members] == ["JANE", "SAM", "KIM"]
    assert [m["maintenance_type_code"] for m in members] == ["021", "021", "024"]
    assert members[0]["eligibility_begin_date"] == date(2026, 1, 1)
    assert members[0]["eligibility_end_date"] is None
    assert members[2]["eligibility_end_date"] == date(2025, 12, 31)
    assert members[0]["sponsor_tax_id"] == "411234567"
    coverages = reading.tables["coverages"].to_pylist()
    assert [(c["member_index"], c["plan_coverage_description"]) for c in coverages] == [
        (0, "ACME-PPO"),
        (0, "ACME-DEN"),
        (1, "ACME-PPO"),
        (2, "ACME-PPO"),
    ]
    assert coverages[3]["benefit_end_date"] == date(2025, 12, 31)
    assert coverages[3]["benefit_begin_date"] is None


@pytest.mark.parametrize(("name", "outer", "begins"), [
    (CLAIMS, "claims", "CLM"), (MEMBERS, "members", "INS"),
    (CLAIMS, "service_lines", "LX"), (MEMBERS, "coverages", "HD"),
])  # fmt: skip
def test_a_row_names_exactly_the_bytes_and_segments_of_its_loop(
    name: str, outer: str, begins: str
) -> None:
    content = (SAMPLES / name).read_bytes()
    for row in edi.read(SAMPLES / name).tables[outer].to_pylist():
        text = content[row["byte_start"] : row["byte_end"]].decode()
        assert text.startswith(begins + "*")
        assert text.endswith("~")
        assert text.count("~") == row["segment_end"] - row["segment_start"]
        assert text.count(begins + "*") == 1
        index = content[: row["byte_start"]].count(b"~")
        assert index == row["segment_start"]


def filled_claim() -> list[str]:
    """A claim of a dependent in which every value is different."""
    body = body_of()
    return [
        *body[:5],
        "HL*1**20*1", "PRV*BI*PXC*207Q00000X", "NM1*85*2*BILLER*****XX*1999999984",
        "N3*1 LAKE RD", "N4*DULUTH*MN*558020001", "REF*SY*987654321",
        "HL*2*1*22*1", "SBR*S**GRP77******HM", "NM1*IL*1*SUBLAST*SUBFIRST****MI*MEMBER1",
        "N3*9 OAK ST", "N4*EDINA*MN*55424", "DMG*D8*19800203*F", "NM1*PR*2*PAYERNAME*****PI*PAYER1",
        "HL*3*2*23*0", "PAT*19", "NM1*QC*1*PATLAST*PATFIRST", "N3*8 ELM ST", "N4*EDINA*MN*55425",
        "DMG*D8*20150607*M",
        "CLM*CONTROL1*100.5***12:B:7*Y*C*N*Y**AA:OA::MN", "DTP*439*D8*20260104", "AMT*F5*7.25",
        "REF*G1*AUTH1", "REF*F8*ORIGINAL1", "REF*D9*CLEAR1",
        "HI*ABK:A001*ABF:B002*ABF:C003", "HI*BP:01996",
        "NM1*DN*1*REFLAST*REFFIRST****XX*1234567893", "NM1*82*1*RENLAST*RENFIRST****XX*1000000012",
        "PRV*PE*PXC*363L00000X", "NM1*77*2*FACILITY*****XX*1987654328", "N3*2 PINE", "N4*AUSTIN*TX*787010001",
        "SBR*P*18*******CI", "AMT*D*60.01", "OI***Y***Y", "NM1*IL*1*OTHER*ONE****MI*OTHERID",
        "NM1*PR*2*OTHERPAYER*****PI*OP1",
        "SBR*T*18*******CI", "AMT*D*5", "OI***Y***Y", "NM1*IL*1*THIRD*ONE****MI*THIRDID",
        "NM1*PR*2*THIRDPAYER*****PI*OP2",
        "LX*1", "SV1*HC:99213:25:59:LT:RT*60.5*UN*1.5*22**1:2:3:1",
        "DTP*472*RD8*20260102-20260105", "REF*6R*LINE1", "NM1*82*1*LINELAST*LINEFIRST****XX*1456789019",
        "LX*2", "SV1*HC:80053*40*MJ*2***2", "DTP*472*D8*20260103",
        body[-1],
    ]  # fmt: skip


CLAIM_VALUES = {
    "billing_provider_npi": "1999999984",
    "billing_provider_name": "BILLER",
    "billing_provider_tax_id": "987654321",
    "billing_provider_taxonomy_code": "207Q00000X",
    "billing_provider_street": "1 LAKE RD",
    "billing_provider_city": "DULUTH",
    "billing_provider_state_code": "MN",
    "billing_provider_zip_code": "558020001",
    "payer_responsibility_code": "S",
    "subscriber_relationship_code": None,
    "group_number": "GRP77",
    "claim_filing_code": "HM",
    "subscriber_last_name": "SUBLAST",
    "subscriber_first_name": "SUBFIRST",
    "subscriber_member_id": "MEMBER1",
    "subscriber_birth_date": date(1980, 2, 3),
    "subscriber_sex_code": "F",
    "payer_name": "PAYERNAME",
    "payer_id": "PAYER1",
    "patient_relationship_code": "19",
    "patient_last_name": "PATLAST",
    "patient_first_name": "PATFIRST",
    "patient_birth_date": date(2015, 6, 7),
    "patient_sex_code": "M",
    "patient_control_number": "CONTROL1",
    "charge_usd": Decimal("100.50"),
    "place_of_service_code": "12",
    "claim_frequency_code": "7",
    "assignment_code": "C",
    "benefits_assigned_code": "N",
    "related_cause_codes": "AA",
    "accident_date": date(2026, 1, 4),
    "original_claim_number": "ORIGINAL1",
    "prior_authorization_number": "AUTH1",
    "clearinghouse_number": "CLEAR1",
    "patient_paid_usd": Decimal("7.25"),
    "diagnosis_codes": ["A001", "B002", "C003"],
    "rendering_provider_npi": "1000000012",
    "rendering_provider_last_name": "RENLAST",
    "rendering_provider_first_name": "RENFIRST",
    "rendering_provider_taxonomy_code": "363L00000X",
    "referring_provider_npi": "1234567893",
    "service_facility_npi": "1987654328",
    "other_payer_responsibility_code": "P",
    "other_payer_paid_usd": Decimal("60.01"),
    "transaction_type_code": "CH",
    "submitter_id": "SUB123",
    "batch_reference": "BATCH1001",
}
LINE_VALUES = {
    "line_number": 1,
    "procedure_qualifier": "HC",
    "procedure_code": "99213",
    "modifier_1": "25",
    "modifier_2": "59",
    "modifier_3": "LT",
    "modifier_4": "RT",
    "charge_usd": Decimal("60.50"),
    "unit_code": "UN",
    "unit_count": Decimal("1.500"),
    "place_of_service_code": "22",
    "diagnosis_pointer_1": "1",
    "diagnosis_pointer_2": "2",
    "diagnosis_pointer_3": "3",
    "diagnosis_pointer_4": "1",
    "service_date": date(2026, 1, 2),
    "service_end_date": date(2026, 1, 5),
    "line_control_number": "LINE1",
    "rendering_provider_npi": "1456789019",
}
POSITIONS = {"set_index", "segment_start", "segment_end", "byte_start", "byte_end"}
NUMBERS = {"claim_index", "subscriber_index", "patient_index"}


def test_every_column_of_a_claim_and_its_lines_takes_its_own_element(tmp_path: Path) -> None:
    envelope = sample().split("~")
    body = filled_claim()
    body[-1] = f"SE*{len(body)}*0001"
    reading = read(tmp_path, joined([*envelope[:2], *body, *envelope[-3:-1]]))
    assert reading.findings.to_pylist() == []
    (claim,) = reading.tables["claims"].to_pylist()
    assert {k: claim[k] for k in CLAIM_VALUES} == CLAIM_VALUES
    first, second = reading.tables["service_lines"].to_pylist()
    assert {k: first[k] for k in LINE_VALUES} == LINE_VALUES
    assert second["service_end_date"] == second["service_date"] == date(2026, 1, 3)
    assert second["rendering_provider_npi"] is None
    assert (second["modifier_1"], second["line_control_number"]) == (None, None)


def test_values_of_one_claim_do_not_leak_into_the_next(tmp_path: Path) -> None:
    envelope = sample().split("~")
    first, second = filled_claim(), body_of()
    body = [
        *first[:-1],
        *(s.replace("HL*2*1", "HL*5*4").replace("HL*3*1", "HL*6*4") for s in second[5:-1]),
    ]
    body = [s.replace("HL*1**20", "HL*4**20") if i > 20 else s for i, s in enumerate(body)]
    body.append(f"SE*{len(body) + 1}*0001")
    reading = read(tmp_path, joined([*envelope[:2], *body, *envelope[-3:-1]]))
    assert reading.findings.to_pylist() == []
    claims = reading.tables["claims"].to_pylist()
    plain = edi.read(SAMPLES / CLAIMS).tables["claims"].to_pylist()
    ignored = POSITIONS | NUMBERS
    for found, wanted in zip(claims[1:], plain, strict=True):
        assert {k: v for k, v in found.items() if k not in ignored} == {
            k: v for k, v in wanted.items() if k not in ignored
        }


@pytest.mark.parametrize("name", [CLAIMS, MEMBERS])
def test_a_file_writes_every_table_even_those_it_has_nothing_for(name: str) -> None:
    found = edi.read(SAMPLES / name).tables
    envelope = {"interchanges", "functional_groups", "transaction_sets", "findings"}
    assert set(found) == envelope | set(tables()) | {"unmapped"}
    for table in tables():
        assert found[table].schema.equals(tables()[table].schema), table
    assert (found["claims"].num_rows, found["members"].num_rows) in {(2, 0), (0, 3)}
