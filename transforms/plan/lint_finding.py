"""What a lint rule yields, before its place in the file is looked up."""

from dataclasses import dataclass
from typing import Literal

from transforms.plan.yaml_text import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A broken rule. `file_key` is a key of `Configuration.files`, `location` a path inside it."""

    rule_id: str
    file_key: str
    location: Location
    message: str
    advice: str
    severity: Literal["error", "warning"] = "error"
    source: str = ""


def plan_key(employer_id: str, plan_id: str, begins: object) -> str:
    """Key of a plan's file: a plan has one file a plan year."""
    return f"plan:{employer_id}:{plan_id}:{begins}"
