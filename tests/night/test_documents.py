"""What a night sends out, read by everybody but the code that wrote it."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from edi import read
from tests.edi.pyx12_oracle import accepts
from tests.night.conftest import rows
from tests.remittance.oracles import oxedi_diagnostics, pyx12_complaints
from validations.ach_check import ach_facts, check_ach
from validations.reassociation import check_reassociation
from validations.remittance_check import check_remittance, remittance_facts


@pytest.fixture(scope="module")
def documents(undisturbed: Path) -> dict[str, list[bytes]]:
    """Delivered documents by kind, as the partners find them."""
    found: dict[str, list[bytes]] = {}
    query = "select document_kind, partner_id, delivered_name from outbox order by document_id"
    for kind, partner_id, name in rows(undisturbed, query):
        path = undisturbed / "outbound" / str(partner_id) / str(name)
        found.setdefault(str(kind), []).append(path.read_bytes())
    return found


def test_every_835_passes_the_independent_checker(documents: dict[str, list[bytes]]) -> None:
    assert len(documents["835"]) > 10
    assert [found for content in documents["835"] if (found := check_remittance(content))] == []


@pytest.mark.parametrize(
    "every", [3, pytest.param(1, marks=pytest.mark.slow)], ids=["a third of them", "all"]
)
def test_pyx12_and_oxedi_find_nothing_wrong_with_any_835(
    documents: dict[str, list[bytes]], every: int
) -> None:
    for content in documents["835"][::every]:
        assert pyx12_complaints(content) == []
        assert oxedi_diagnostics(content) == []


def test_835s_add_up_to_what_was_released_and_to_the_bank_files(
    documents: dict[str, list[bytes]], undisturbed: Path
) -> None:
    facts = [remittance_facts(content) for content in documents["835"]]
    released = rows(undisturbed, "select sum(amount_usd) from payment where status = 'RELEASED'")
    assert Decimal(sum(fact.payment_cents for fact in facts)).scaleb(-2) == released[0][0]
    for content in documents["ACH"]:
        assert check_ach(content) == []
    bank = [entry for content in documents["ACH"] for entry in ach_facts(content)]
    together = check_reassociation(facts, bank)
    assert (together.findings, together.payment_count) == ((), len(bank))


def test_every_999_and_ta1_is_valid_for_pyx12(documents: dict[str, list[bytes]]) -> None:
    assert len(documents["999"]) > 3
    assert all(accepts(content.decode()) for content in documents["999"])


def test_every_good_file_of_the_sample_was_accepted_and_every_claim_answered(
    undisturbed: Path,
) -> None:
    refused = rows(
        undisturbed,
        "select d.remote_name from transaction_set as t"
        " inner join file_drop as d on d.file_id = t.file_id"
        " where t.acceptance_code = 'R' and d.remote_name like '834%'",
    )
    assert refused == []


def test_every_277ca_is_valid_for_pyx12_and_for_our_own_reader(
    documents: dict[str, list[bytes]], tmp_path: Path
) -> None:
    assert len(documents["277CA"]) >= 3
    for number, content in enumerate(documents["277CA"]):
        assert accepts(content.decode())
        (tmp_path / f"{number}.x12").write_bytes(content)
        reading = read(tmp_path / f"{number}.x12")
        assert reading.findings.num_rows == 0
        assert reading.outcome.sets_accepted == reading.outcome.sets > 0


def test_every_claim_of_an_accepted_set_is_answered_once_with_what_became_of_it(
    documents: dict[str, list[bytes]], undisturbed: Path
) -> None:
    answered: Counter[tuple[str, str]] = Counter()
    told: Counter[str] = Counter()
    for content in documents["277CA"]:
        number = ""
        for segment in content.decode().split("~"):
            elements = segment.split("*")
            if elements[:2] == ["TRN", "2"]:
                number = elements[2]
            elif elements[0] == "HL":
                level = elements[3]
            elif elements[0] == "STC" and level == "PT":
                answered[number, elements[3]] += 1
            elif elements[0] == "QTY" and level == "21":
                told[elements[1]] += int(elements[2])
    returned = rows(undisturbed, "select patient_control_number from rejected_claim")
    received = rows(
        undisturbed,
        "select sum(record_count) from transaction_set"
        " where transaction_set_code = '837' and acceptance_code <> 'R'",
    )
    assert sum(answered.values()) == received[0][0] == told["90"] + told["AA"]
    assert sum(count for (_, action), count in answered.items() if action == "U") == told["AA"]
    assert Counter(number for number, action in answered.elements() if action == "U") == Counter(
        str(number) for (number,) in returned
    )
