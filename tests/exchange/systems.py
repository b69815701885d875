"""A receiving system and the place a partner drops into."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.conftest import AT, HASTY, NIGHT, query, sftp_partner, with_connection
from tests.exchange.servers import SftpPlaceServer
from transforms.config import PipelineConfig
from transforms.exchange.taking import receive_partner
from transforms.plan.models import Partner
from transforms.warehouse import Warehouse

WHOLE = (
    b"ISA*00*          *00*          *ZZ*SUB123         *ZZ*TPA01          *260305*2000*^*00501*"
)
WHOLE += b"000000042*0*T*:~IEA*0*000000042~"
OLD = AT - timedelta(hours=30)


def interchange(text: bytes) -> bytes:
    return WHOLE.replace(b"~IEA", b"~" + text + b"~IEA")


class System:
    """A receiving system and the place a partner drops into."""

    def __init__(
        self, config: PipelineConfig, warehouse: Warehouse, partner: Partner, inbound: Path
    ):
        self.config, self.warehouse, self.partner, self.inbound = (
            config,
            warehouse,
            partner,
            inbound,
        )

    def drop(self, name: str, content: bytes, at: datetime = AT - timedelta(hours=1)) -> Path:
        path = self.inbound / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def receive(self, hours: int = 0) -> int:
        at = AT + timedelta(hours=hours)
        on = NIGHT + timedelta(days=hours // 24)
        return receive_partner(
            self.config, self.warehouse, self.partner, at=at, on=on, patience=HASTY
        )

    def drops(self) -> list[tuple[Any, ...]]:
        columns = "remote_name, drop_status, file_id"
        return query(self.warehouse, f"select {columns} from file_drop order by remote_name")

    def waits(self) -> list[tuple[Any, ...]]:
        columns = "remote_name, wait_reason"
        return query(self.warehouse, f"select {columns} from waiting_upload order by remote_name")

    def findings(self) -> list[tuple[Any, ...]]:
        columns = "remote_name, finding_code"
        return query(self.warehouse, f"select {columns} from exchange_finding order by 1, 2")

    def leftovers(self) -> list[str]:
        return [path.name for path in self.config.raw.glob(".*")]

    def raw(self) -> set[bytes]:
        return {path.read_bytes() for path in self.config.raw.glob("??/*")}


@pytest.fixture
def folder_system(config: PipelineConfig, warehouse: Warehouse, partner: Partner) -> System:
    return System(config, warehouse, partner, config.drops / "sub123")


@pytest.fixture
def system(
    config: PipelineConfig, warehouse: Warehouse, partner: Partner, sftp: SftpPlaceServer
) -> System:
    connected = with_connection(config, sftp.url())
    return System(connected, warehouse, sftp_partner(partner), sftp.root / "in")
