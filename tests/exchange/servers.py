"""Real servers in this process: SFTP that can be made to fail, and S3."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncssh

USER, PASSWORD = "tpa", "p@ss/word+1"


@dataclass
class Faults:
    """What the server does wrong. Each hook is called with the name of the file.

    Attributes:
        on_read: Before each piece is read.
        on_write: Before each piece is written.
        on_rename: After a rename was done.
        refuses: Nobody may log in.
    """

    on_read: Callable[[str, "FaultyServer"], None] = lambda name, server: None
    on_write: Callable[[str, "FaultyServer"], None] = lambda name, server: None
    on_rename: Callable[[str, "FaultyServer"], None] = lambda name, server: None
    offers_posix_rename: bool = True
    refuses: bool = False
    reads: list[str] = field(default_factory=list)


class FaultyServer(asyncssh.SFTPServer):
    """An SFTP server below one folder."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], root: Path, faults: Faults):
        super().__init__(channel, chroot=os.fsencode(root))
        self.faults = faults
        self.names: dict[int, str] = {}

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        file = super().open(path, pflags, attrs)
        self.names[id(file)] = path.decode("utf-8", "replace")
        return file

    def read(self, file_obj: Any, offset: int, size: int) -> Any:
        self.faults.reads.append(self.names[id(file_obj)])
        self.faults.on_read(self.names[id(file_obj)], self)
        return super().read(file_obj, offset, size)

    def write(self, file_obj: Any, offset: int, data: bytes) -> Any:
        self.faults.on_write(self.names[id(file_obj)], self)
        return super().write(file_obj, offset, data)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> Any:
        if not self.faults.offers_posix_rename:
            raise asyncssh.SFTPOpUnsupported("no")
        result = super().posix_rename(oldpath, newpath)
        self.faults.on_rename(newpath.decode(), self)
        return result

    def drop_connection(self) -> None:
        """What a cut cable looks like."""
        self.channel.get_connection().abort()


class _Accounts(asyncssh.SSHServer):
    def __init__(self, faults: Faults) -> None:
        self.faults = faults

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD) and not self.faults.refuses


@dataclass
class SftpPlaceServer:
    """A running server and how to reach it."""

    root: Path
    port: int
    host_key: str
    faults: Faults

    def url(self, *, host_key: str | None = None, password: str = PASSWORD) -> str:
        key = quote(host_key or self.host_key, safe="")
        return f"sftp://{USER}:{quote(password, safe='')}@127.0.0.1:{self.port}/?host_key={key}"


def public_text(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode().strip()


@contextmanager
def sftp_server(root: Path) -> Iterator[SftpPlaceServer]:
    """An SFTP server on a free port, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    key = asyncssh.generate_private_key("ssh-ed25519")
    faults = Faults()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[key],
            server_factory=lambda: _Accounts(faults),
            sftp_factory=lambda channel: FaultyServer(channel, root, faults),
        )

    async def stop() -> None:
        acceptor.close()
        await acceptor.wait_closed()
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(20)
    try:
        yield SftpPlaceServer(root, acceptor.get_port(), public_text(key), faults)
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def s3_server() -> Iterator[str]:
    """An S3 service; yields the URL of a connection to it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint = quote(f"http://{host}:{port}", safe="")
        yield f"s3://key-id:secret@/?region=us-east-1&endpoint_url={endpoint}"
    finally:
        server.stop()
