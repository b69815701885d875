"""A system of its own for each test, partners at every kind of place, and keys."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.exchange.servers import SftpPlaceServer, s3_server, sftp_server
from transforms.config import PipelineConfig
from transforms.exchange.places import Patience
from transforms.plan.loader import load_configuration
from transforms.plan.models import Configuration, Partner
from transforms.warehouse import Warehouse

REPOSITORY = Path(__file__).resolve().parents[2]
NIGHT = date(2026, 3, 5)
AT = datetime(2026, 3, 6, 3, 30, tzinfo=UTC)
HASTY = Patience(attempts=3, first_pause_seconds=0.01, longest_pause_seconds=0.02)


@pytest.fixture(scope="session")
def configuration() -> Configuration:
    return load_configuration(REPOSITORY)


@pytest.fixture
def config(tmp_path: Path) -> PipelineConfig:
    return PipelineConfig(
        home=tmp_path / "state",
        configuration=REPOSITORY,
        drops=tmp_path / "drops",
        warehouse_url=f"duckdb:///{tmp_path}/state/warehouse.duckdb",
    )


@pytest.fixture
def warehouse(config: PipelineConfig) -> Iterator[Warehouse]:
    """Its file is kept open, so that no transaction of this process needs to open it anew."""
    warehouse = Warehouse(config.warehouse_url)
    warehouse.migrate()
    with duckdb.connect(config.warehouse_url.removeprefix("duckdb:///")):
        yield warehouse


@pytest.fixture
def partner(configuration: Configuration) -> Partner:
    return configuration.partners["sub123"]


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[SftpPlaceServer]:
    root = tmp_path / "server"
    (root / "in").mkdir(parents=True)
    with sftp_server(root) as server:
        yield server


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    with s3_server() as url:
        yield url


def partner_at(partner: Partner, **exchange: Any) -> Partner:
    """The partner with another exchange, checked as the configuration is."""
    openpgp = exchange.pop("openpgp", None)
    values = partner.model_dump(mode="json", by_alias=True, exclude_none=True)
    values["exchange"] = exchange
    if openpgp:
        values["openpgp"] = openpgp
    return Partner.model_validate(values)


def sftp_partner(partner: Partner, **exchange: Any) -> Partner:
    place = {"kind": "sftp", "connection": "TEST", "inbound": "in", "outbound": "out"}
    return partner_at(partner, **{**place, **exchange})


def with_connection(config: PipelineConfig, url: str, **others: str) -> PipelineConfig:
    return replace(config, connections={"TEST": url, **others})


def query(warehouse: Warehouse, statement: str) -> list[tuple[Any, ...]]:
    with warehouse.transaction() as connection:
        return connection.execute(statement).fetchall()
