"""Reads employers/ and partners/ into checked models; every mistake is told with its place.

All files are read before anything is refused, so one run shows every mistake at once.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from transforms.plan.lint_finding import plan_key
from transforms.plan.models import (
    Administrator,
    Budget,
    BundlingPair,
    Configuration,
    Employer,
    FeeScheduleRate,
    Network,
    Partner,
    Plan,
)
from transforms.plan.yaml_text import Location, YamlTextError, parse_yaml, position

Model = TypeVar("Model", bound=BaseModel)

FEE_SCHEDULE_COLUMNS = ["procedure_code", "modifier", "rate_usd", "from", "through"]
BUNDLING_COLUMNS = [
    "column1_code",
    "column2_code",
    "group_code",
    "reason_code",
    "remark_code",
    "bypass_modifiers",
    "from",
    "through",
]

KEPT = 4
"""Configurations a process keeps at most."""

_loaded: dict[tuple[Path, str], Configuration] = {}

ADVICE = {
    "missing": "add this key; the README of the folder shows a whole example",
    "extra_forbidden": "remove or rename this key; nothing reads it",
    "literal_error": "use one of the values named",
    "string_pattern_mismatch": "correct the form of this value",
    "model_type": "indent the keys of this part below it",
    "tuple_type": "write a list: [a, b]",
    "union_tag_invalid": "use one of the kinds named",
}


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: where it is (line and column from 1), what it is and what to do."""

    file: str
    line: int
    column: int
    path: str
    message: str
    advice: str

    def __str__(self) -> str:
        what = f"{self.path}: {self.message}" if self.path else self.message
        return f"{self.file}:{self.line}:{self.column} {what}\n  do   {self.advice}"


class ConfigurationError(Exception):
    """The configuration cannot be used; `problems` lists every mistake, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def load_configuration(folder: Path) -> Configuration:
    """Read the configuration below `folder`.

    Args:
        folder: Holds `employers/<employer>/agreement.yaml`, `employers/<employer>/plans/*.yaml`,
            `employers/<employer>/budgets/*.yaml`, `employers/networks/*.yaml` with their CSVs,
            `partners/administrator.yaml` and `partners/*.yaml`.

    A process that reads the same bytes again gets the configuration it has: parsing takes longer
    than a step of a small night.

    Raises:
        ConfigurationError: At least one file is missing, malformed or contradicts another.
    """
    key = (folder, _content_digest(folder))
    if key not in _loaded:
        configuration = _read(folder)
        while len(_loaded) >= KEPT:
            _loaded.pop(next(iter(_loaded)))
        _loaded[key] = configuration
    return _loaded[key]


def _content_digest(folder: Path) -> str:
    """Digest of every file's name and bytes."""
    digest = hashlib.sha256()
    for part in ("employers", "partners"):
        for path in sorted((folder / part).rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                digest.update(f"{path.relative_to(folder)}\n{len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()


def _read(folder: Path) -> Configuration:
    reader = _Reader(folder)
    networks = reader.networks()
    employers = reader.employers()
    administrator = reader.model(Path("partners/administrator.yaml"), Administrator)
    partners = reader.partners()
    reader.refuse_unread_files()
    if reader.problems or administrator is None:
        raise ConfigurationError(reader.problems)
    return Configuration(
        folder=folder,
        administrator=administrator,
        partners=partners,
        employers=employers,
        networks=networks,
        digest=reader.digest(),
        files=reader.files,
    )


class _Reader:
    """Reads files below one folder and collects problems and digests on the way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.contents: dict[Path, bytes] = {}
        self.files: dict[str, str] = {}

    def networks(self) -> dict[str, Network]:
        """Every network with its schedules and pairs."""
        found: dict[str, Network] = {}
        for file in self._list("employers/networks", "*.yaml"):
            document = self._document(file)
            if not isinstance(document, dict):
                continue
            values = dict(document)
            schedules = values.get("fee_schedules")
            if isinstance(schedules, list):
                values["fee_schedules"] = [
                    self._with_rows(file, entry, "rates", FeeScheduleRate, FEE_SCHEDULE_COLUMNS)
                    for entry in schedules
                ]
            if isinstance(values.get("bundling_pairs"), dict):
                values["bundling_pairs"] = self._with_rows(
                    file, values["bundling_pairs"], "pairs", BundlingPair, BUNDLING_COLUMNS
                )
            network = self._validated(file, document, values, Network)
            if network and self._named_as(file, "network_id", network.network_id, file.stem):
                found[network.network_id] = network
                self.files[f"network:{network.network_id}"] = file.as_posix()
        return found

    def employers(self) -> dict[str, Employer]:
        """Every employer with its plans and budgets."""
        found: dict[str, Employer] = {}
        for file in self._list("employers", "*/agreement.yaml"):
            document = self._document(file)
            if not isinstance(document, dict):
                continue
            plans = list(self._plans(file.parent))
            budgets = [
                budget
                for path in self._list(str(file.parent / "budgets"), "*.yaml")
                if (budget := self.model(path, Budget))
                and self._named_as(path, "year", str(budget.year), path.stem)
            ]
            values = {**document, "plans": plans, "budgets": budgets}
            for key in ("plans", "budgets"):
                if key in document:
                    self._report(
                        file, document, (key,), "does not belong here", f"put it below {key}/"
                    )
            employer = self._validated(file, document, values, Employer)
            if employer and self._named_as(
                file, "employer_id", employer.employer_id, file.parent.name
            ):
                found[employer.employer_id] = employer
                self.files[f"employer:{employer.employer_id}"] = file.as_posix()
        return found

    def _plans(self, folder: Path) -> Iterator[Plan]:
        """A plan has one file a plan year: `PPO.yaml`, `PPO-2027.yaml`."""
        for file in self._list(str(folder / "plans"), "*.yaml"):
            plan = self.model(file, Plan)
            if plan is None:
                continue
            year = plan.plan_year.begin_date.year
            name = plan.plan_id if file.stem != f"{plan.plan_id}-{year}" else file.stem
            if self._named_as(file, "plan_id", name, file.stem):
                self.files[plan_key(folder.name, plan.plan_id, plan.plan_year.begin_date)] = (
                    file.as_posix()
                )
                yield plan

    def partners(self) -> dict[str, Partner]:
        """Every partner; the administrator's own file is none."""
        found: dict[str, Partner] = {}
        for file in self._list("partners", "*.yaml"):
            if file.stem == "administrator":
                continue
            partner = self.model(file, Partner)
            if partner and self._named_as(file, "partner_id", partner.partner_id, file.stem):
                found[partner.partner_id] = partner
                self.files[f"partner:{partner.partner_id}"] = file.as_posix()
        return found

    def model(self, file: Path, kind: type[Model]) -> Model | None:
        """One file as one model; None when a problem was found."""
        document = self._document(file)
        if document is None:
            return None
        return self._validated(file, document, document, kind)

    def refuse_unread_files(self) -> None:
        """A file nothing read is a mistake: its author believes it is in force."""
        for root in ("employers", "partners"):
            for path in sorted((self.folder / root).rglob("*")):
                file = path.relative_to(self.folder)
                ignored = file.name == "README.md" or any(p.startswith(".") for p in file.parts)
                if path.is_file() and not ignored and file not in self.contents:
                    self._report(
                        file, None, (), "nothing reads this file", "rename, move or remove it"
                    )

    def digest(self) -> str:
        """SHA-256 over path and bytes of every file read, in path order."""
        digest = hashlib.sha256()
        for file in sorted(self.contents):
            digest.update(f"{file.as_posix()}\n{len(self.contents[file])}\n".encode())
            digest.update(self.contents[file])
        return digest.hexdigest()

    def _list(self, below: str, pattern: str) -> Iterator[Path]:
        for path in sorted((self.folder / below).glob(pattern)):
            yield path.relative_to(self.folder)

    def _text(self, file: Path) -> str | None:
        try:
            self.contents[file] = (self.folder / file).read_bytes()
        except FileNotFoundError:
            self._report(file, None, (), "the file is missing", "add it; see the README beside it")
            return None
        try:
            return self.contents[file].decode("utf-8-sig")
        except UnicodeDecodeError:
            self._report(file, None, (), "not UTF-8 text", "save the file as UTF-8")
            return None

    def _document(self, file: Path) -> Any | None:
        text = self._text(file)
        if text is None:
            return None
        try:
            document = parse_yaml(text)
        except YamlTextError as error:
            self.problems.append(
                Problem(
                    file.as_posix(), error.line, error.column, "", error.problem, "correct the YAML"
                )
            )
            return None
        if not isinstance(document, dict):
            self._report(file, None, (), "no keys found", "write keys as `key: value`")
            return None
        return document

    def _validated(self, file: Path, document: Any, values: Any, kind: type[Model]) -> Model | None:
        try:
            return kind.model_validate(values)
        except ValidationError as errors:
            for error in errors.errors(include_url=False, include_input=False):
                message = error["msg"].removeprefix("Value error, ")
                advice = ADVICE.get(error["type"], "correct this value")
                location = error["loc"]
                if error["type"] == "union_tag_invalid":  # the key that tells the kind is wrong
                    location = (*location, error["ctx"]["discriminator"].strip("'"))
                self._report(file, document, location, message, advice)
            return None

    def _report(
        self, file: Path, document: Any, location: Location, message: str, advice: str
    ) -> None:
        line, column = position(document, location)
        path = ".".join(str(step) for step in location)
        self.problems.append(Problem(file.as_posix(), line, column, path, message, advice))

    def _named_as(self, file: Path, key: str, value: str, expected: str) -> bool:
        if value == expected:
            return True
        self._report(
            file,
            self._document(file),
            (key,),
            f"does not equal the name {expected!r} of its file or folder",
            "give both the same name, so that a name is unique and can be guessed",
        )
        return False

    def _with_rows(
        self, file: Path, entry: Any, key: str, kind: type[Model], columns: list[str]
    ) -> Any:
        """A mapping that names a CSV, with the CSV's rows as models under `key`."""
        if not isinstance(entry, dict) or not isinstance(entry.get("file"), str) or key in entry:
            return entry  # the model says what is wrong with it
        if "/" in entry["file"] or "\\" in entry["file"]:
            self._report(file, entry, ("file",), "names a folder", "put the CSV beside the network")
            return entry
        return {**entry, key: self._rows(file.parent / entry["file"], kind, columns)}

    def _rows(self, file: Path, kind: type[Model], columns: list[str]) -> list[Model]:
        text = self._text(file)
        if text is None:
            return []
        rows = csv.reader(io.StringIO(text), strict=True)
        found: list[Model] = []
        try:
            header = next(rows, [])
            if header != columns:
                self._csv_problem(file, 1, 1, f"the first line must be {','.join(columns)}")
                return []
            for row in rows:
                if len(row) != len(columns):
                    self._csv_problem(
                        file, rows.line_num, 1, f"{len(row)} values where {len(columns)} belong"
                    )
                    continue
                values = {
                    name: tuple(value.split(":")) if name == "bypass_modifiers" else value
                    for name, value in zip(columns, row, strict=True)
                    if value
                }
                try:
                    found.append(kind.model_validate(values))
                except ValidationError as errors:
                    for error in errors.errors(include_url=False, include_input=False):
                        name = str(error["loc"][0]) if error["loc"] else columns[-1]
                        column = columns.index(name) + 1 if name in columns else 1
                        message = error["msg"].removeprefix("Value error, ")
                        self._csv_problem(file, rows.line_num, column, f"{name}: {message}")
        except csv.Error as error:
            self._csv_problem(file, rows.line_num, 1, str(error))
        return found

    def _csv_problem(self, file: Path, line: int, column: int, message: str) -> None:
        """In a CSV `column` counts values, not characters."""
        self.problems.append(
            Problem(file.as_posix(), line, column, "", message, "correct this row of the CSV")
        )
