"""Other people's readers, asked about what we wrote; and a plain parser of our own."""

import io
import json
import logging
from decimal import Decimal
from typing import Any


def pyx12_complaints(content: bytes) -> list[str]:
    """What pyx12 finds wrong with an interchange.

    Its 999 writer fails on every 835 (there is no ST03), so its error report is read instead.
    """
    import pyx12.params
    import pyx12.x12n_document

    report = io.StringIO()
    logging.disable(logging.CRITICAL)
    try:
        is_valid = pyx12.x12n_document.x12n_document(
            pyx12.params.params(), io.StringIO(content.decode()), None, None, None, report
        )
    finally:
        logging.disable(logging.NOTSET)
    complaints = sorted(set(_texts(json.loads(report.getvalue()))))
    return complaints or ([] if is_valid else ["invalid"])


def _texts(report: Any) -> list[str]:
    if isinstance(report, dict):
        own = [report["err_str"]] if "err_str" in report else []
        return own + [text for value in report.values() for text in _texts(value)]
    return [text for item in report for text in _texts(item)] if isinstance(report, list) else []


def oxedi_diagnostics(content: bytes) -> list[str]:
    """What oxedi's reader finds wrong with an interchange."""
    import oxedi

    return [str(diagnostic) for diagnostic in oxedi.parse(content).diagnostics]


def segments(content: bytes) -> list[list[str]]:
    """Elements of every segment, by the delimiters in the ISA."""
    text = content.decode()
    return [part.strip().split(text[3]) for part in text.split(text[105]) if part.strip()]


def claims_of(content: bytes) -> list[dict[str, Any]]:
    """Claims with lines and adjustments as numbers, read the plainest way."""
    claims: list[dict[str, Any]] = []
    for segment in segments(content):
        name, values = segment[0], segment[1:]
        if name == "CLP":
            claims.append(
                {"number": values[0], "charge": Decimal(values[2]), "paid": Decimal(values[3])}
            )
            claims[-1] |= {"patient": Decimal(values[4] or 0), "lines": []}
        elif name == "SVC":
            numbers = {"charge": Decimal(values[1]), "paid": Decimal(values[2])}
            claims[-1]["lines"].append({**numbers, "code": values[0], "adjustments": []})
        elif name == "CAS":
            found = claims[-1]["lines"][-1]["adjustments"]
            for at in range(1, len(values), 3):
                found.append((values[0], values[at], Decimal(values[at + 1])))
    return claims
