"""A process that reads its configuration again gets what lies on disk now, and no more work than that."""

import shutil
from pathlib import Path

from transforms.plan.loader import load_configuration

ROOT = Path(__file__).resolve().parents[2]


def test_the_same_bytes_are_read_once_and_changed_bytes_anew(tmp_path: Path) -> None:
    for part in ("employers", "partners"):
        shutil.copytree(ROOT / part, tmp_path / part)
    first = load_configuration(tmp_path)
    assert load_configuration(tmp_path) is first
    agreement = tmp_path / "employers" / "ACME" / "agreement.yaml"
    text = agreement.read_text()
    agreement.write_text(text.replace("weekday: thursday", "weekday: friday"))
    changed = load_configuration(tmp_path)
    assert changed.employers["ACME"].cycle.weekday == "friday"
    assert changed.digest != first.digest
    agreement.write_text(text)
    assert load_configuration(tmp_path).digest == first.digest
