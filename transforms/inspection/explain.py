"""Every finding of a file in words: those of the reader, then those of the rules on its records."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

import edi
from edi.describe.explain import ExplainedFinding, example_of, explain, set_rows
from edi.describe.summary import Summary, summarize
from edi.segment_stream import segments_at
from transforms.inspection.check import with_rules
from validations.engine import Rule, load_rules
from validations.judging import judge_folder

CONSEQUENCES = {
    "error": " The claim is returned with claim status {answer}.",
    "warning": " Nothing is returned for it.",
    "note": " Nothing is returned for it.",
}


def explain_file(
    path: Path, *, on: date, examples: int, unmasked: bool
) -> tuple[Summary, list[ExplainedFinding]]:
    """Read and judge a file; its summary and every kind of finding.

    Args:
        path: The file.
        on: Day of receipt, by which rules judge dates.
        examples: Places to show of each kind.
        unmasked: Show names, ids, birth dates, addresses and diagnoses as they are.

    Raises:
        OSError: The file cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="aso-edi-") as name:
        folder = Path(name)
        summary = summarize(folder, edi.read_to_parquet(path, folder))
        broken = judge_folder(folder, on=on)
        found = explain(folder, path, examples=examples, unmasked=unmasked)
        found += _of_rules(broken, folder, path, examples=examples, unmasked=unmasked)
    return with_rules(summary, broken), found


def _of_rules(
    broken: pa.Table, folder: Path, path: Path, *, examples: int, unmasked: bool
) -> list[ExplainedFinding]:
    """Broken rules, one entry a rule, in the order in which they first occur."""
    counts: dict[str, int] = {}
    kept: dict[str, list[dict[str, Any]]] = {}
    for batch in broken.to_batches(8192):
        for row in batch.to_pylist():
            rule_id = row["rule_id"]
            counts[rule_id] = counts.get(rule_id, 0) + 1
            shown = kept.setdefault(rule_id, [])
            if len(shown) < examples:
                shown.append(row)
    rows = [row for shown in kept.values() for row in shown]
    segments = segments_at(path, {row["segment_index"] for row in rows}) if rows else {}
    sets = set_rows(folder, {row["set_index"] for row in rows})
    rules = {rule.rule_id: rule for rule in load_rules()}
    found = []
    for rule_id, shown in kept.items():
        rule = rules[rule_id]
        explained = _explained(rule, counts[rule_id])
        explained.examples = [
            example_of(
                {**row, "segment_position": 0, "element_position": 0, "component_position": 0},
                segments.get(row["segment_index"]),
                sets,
                unmasked=unmasked,
            )
            for row in shown
        ]
        found.append(explained)
    return found


def _explained(rule: Rule, count: int) -> ExplainedFinding:
    """A rule in words: what is wrong, why it is, what to do and what becomes of the claim."""
    consequence = ""
    if rule.answer is not None:
        answer = ":".join(part for part in rule.answer if part)
        consequence = CONSEQUENCES[rule.severity].format(answer=answer)
    return ExplainedFinding(
        f"SNIP {rule.snip} {rule.severity}",
        rule.rule_id,
        rule.message,
        f"{rule.title}. Source: {rule.source}.",
        f"{rule.advice}{consequence}",
        "",
        "",
        element=rule.place,
        count=count,
    )
