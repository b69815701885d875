"""The partners of a sample at an SFTP server that fails when told to, and what passed over it."""

import hashlib
import os
import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from edi.exchange.place import STAGING_PREFIX
from tests.exchange.servers import FaultyServer, SftpPlaceServer, public_text, sftp_server

CONNECTION = "SOAK"
ON_SERVER = ("apex", "bank", "bridgewaterhr", "copperhealth")
"""Partners of claims, money and enrollment at the server; the others keep their folders."""

FOLDER_PLACE = re.compile(r"exchange: \{kind: folder, inbound: (\w+), outbound: \w+")


@dataclass(frozen=True, slots=True, order=True)
class Dropped:
    """A file as a partner left it; `copy_of` names what it repeats, empty for an original."""

    partner_id: str
    name: str
    digest: str
    copy_of: str = ""


@dataclass
class Partners:
    """Places of all partners of a sample.

    Attributes:
        week: The sample.
        configuration: Its configuration with those places.
        drops: Inbound folders of the partners that drop into a folder.
        server: The server of the others.
        dropped: Everything that was left at the places.
        shown: How often a document appeared under its name, by path on the server.
        cut_reads: How many more reads lose their connection.
        cut_writes: The same for writes.
        swaps: What takes the place of a file, by its path, at the moment it is read.
    """

    week: Path
    configuration: Path
    drops: Path
    server: SftpPlaceServer
    dropped: list[Dropped] = field(default_factory=list)
    shown: Counter[str] = field(default_factory=Counter)
    cut_reads: int = 0
    cut_writes: int = 0
    swaps: dict[str, Path] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        faults = self.server.faults
        faults.on_read, faults.on_write, faults.on_rename = self._read, self._write, self._renamed

    def _read(self, path: str, server: FaultyServer) -> None:
        with self._lock:
            swap = self.swaps.pop(path.lstrip("/"), None)
            is_cut, self.cut_reads = self.cut_reads > 0, max(0, self.cut_reads - 1)
        if swap:
            swap.replace(self.server.root / path.lstrip("/"))
        if is_cut:
            server.drop_connection()

    def _write(self, path: str, server: FaultyServer) -> None:
        with self._lock:
            is_cut, self.cut_writes = self.cut_writes > 0, max(0, self.cut_writes - 1)
        if is_cut:
            server.drop_connection()

    def _renamed(self, path: str, server: FaultyServer) -> None:
        if STAGING_PREFIX not in path:
            self.shown[path.lstrip("/")] += 1

    def url(self, *, is_pinned: bool = True) -> str:
        """The connection; with another host key than the server's if not `is_pinned`."""
        if is_pinned:
            return self.server.url()
        other = public_text(asyncssh.generate_private_key("ssh-ed25519"))
        return self.server.url(host_key=other)

    def inbound(self, partner_id: str) -> Path:
        """Where a partner drops."""
        if partner_id in ON_SERVER:
            return self.server.root / partner_id / "in"
        return self.drops / partner_id

    def originals(self, night: str) -> list[Path]:
        """What the sample has for a night, in the order of partners and names."""
        return sorted(p for p in (self.week / "drops" / night).rglob("*") if p.is_file())

    def leave(self, partner_id: str, name: str, source: Path, *, copy_of: str = "") -> Path:
        """Put a file at a partner's place, whole and at once."""
        target = self.inbound(partner_id) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        self.dropped.append(Dropped(partner_id, name, digest, copy_of))
        return target


def configure(week: Path, folder: Path) -> None:
    """Copy the sample's configuration, with places of some partners on the server."""
    shutil.copytree(week / "config", folder)
    for path in sorted((folder / "partners").glob("*.yaml")):
        found = FOLDER_PLACE.search(text := path.read_text())
        if found and found[1] in ON_SERVER:
            partner_id = found[1]
            place = f"exchange: {{kind: sftp, connection: {CONNECTION}, archive: done"
            place += f", inbound: {partner_id}/in, outbound: {partner_id}/out"
            path.write_text(text.replace(found[0], place))


@contextmanager
def partners_of(week: Path, folder: Path) -> Iterator[Partners]:
    """The places of a sample's partners, empty, below a new folder."""
    configure(week, folder / "config")
    root = folder / "server"
    for partner_id in ON_SERVER:
        (root / partner_id / "in").mkdir(parents=True)
    with sftp_server(root) as server:
        yield Partners(week, folder / "config", folder / "drops", server)


def settings_of(partners: Partners, home: Path, warehouse: str) -> dict[str, str]:
    """Variables of a system that exchanges files with these partners."""
    return {
        "ASO_HOME": str(home),
        "ASO_CONFIGURATION": str(partners.configuration),
        "ASO_DROPS": str(partners.drops),
        "ASO_WAREHOUSE": warehouse or f"duckdb:///{home}/warehouse.duckdb",
        f"ASO_CONNECTION_{CONNECTION}": partners.url(),
    }


def same_moment(path: Path, like: Path) -> None:
    """Give a file the time of another."""
    status = like.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
