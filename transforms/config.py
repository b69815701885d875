"""What a running system may vary by, read once and then passed down."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from edi.exchange.connections import connections_from_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineConfig:
    """Where the system keeps and finds things.

    Attributes:
        home: Root of raw files, lake, documents, outbound deliveries, events and reports.
        configuration: Folder that holds `employers/` and `partners/`.
        drops: Folder under which partners' `inbound` folders lie.
        warehouse_url: `duckdb:///PATH` or `postgresql://...`; kept out of `repr`: it may carry a password.
        threads: Worker threads of one process.
        connections: URLs of partners' places and keys by name; kept out of `repr`: they are secrets.
    """

    home: Path
    configuration: Path
    drops: Path
    warehouse_url: str = field(repr=False)
    threads: int = 2
    connections: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def from_environment(cls) -> "PipelineConfig":
        """Read ASO_HOME, ASO_CONFIGURATION, ASO_DROPS, ASO_WAREHOUSE, ASO_THREADS, ASO_CONNECTION_*."""
        home = Path(os.environ.get("ASO_HOME", ".run/state")).resolve()
        return cls(
            home=home,
            configuration=Path(os.environ.get("ASO_CONFIGURATION", ".")).resolve(),
            drops=Path(os.environ.get("ASO_DROPS", home / "drops")).resolve(),
            warehouse_url=os.environ.get("ASO_WAREHOUSE", f"duckdb:///{home}/warehouse.duckdb"),
            threads=int(os.environ.get("ASO_THREADS", "2")),
            connections=connections_from_environment(os.environ),
        )

    def with_drops(self, drops: str) -> "PipelineConfig":
        """Return the same settings with another drop folder; empty: unchanged."""
        return replace(self, drops=Path(drops).resolve()) if drops else self

    def with_connections(self, connections: Mapping[str, str] | None) -> "PipelineConfig":
        """Return the same settings with more connections; those given win over the environment's."""
        return replace(self, connections={**self.connections, **(connections or {})})

    @property
    def raw(self) -> Path:
        """Immutable plain bytes of every distinct file, under their SHA-256."""
        return self.home / "raw"

    @property
    def lake(self) -> Path:
        """Parquet between stages, one folder a manifest."""
        return self.home / "lake"

    @property
    def documents(self) -> Path:
        """Content of what we send, under its SHA-256."""
        return self.home / "documents"

    @property
    def sealed(self) -> Path:
        """Encrypted copies of documents on their way; removed when they have left."""
        return self.home / "sealed"

    @property
    def outbound(self) -> Path:
        """Where the folder exchange delivers, one folder a partner."""
        return self.home / "outbound"

    @property
    def events(self) -> Path:
        """One immutable JSON file an event."""
        return self.home / "events"

    @property
    def reports(self) -> Path:
        """One folder a night."""
        return self.home / "reports"

    def raw_path(self, file_id: str) -> Path:
        """Path of the bytes with that SHA-256."""
        return self.raw / file_id[:2] / file_id

    def document_path(self, content_digest: str) -> Path:
        """Path of the document content with that SHA-256."""
        return self.documents / content_digest[:2] / content_digest
