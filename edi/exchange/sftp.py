"""Partners' drops on an SFTP server (asyncssh): pinned host keys, many small files at once.

asyncssh runs in an event loop of its own thread; every call here waits for it. A connection that was
lost is made anew by the next call. Servers that cannot replace a file by a rename get the old one
removed first, and only when it is the same document.
"""

import asyncio
import stat
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncssh

from edi.exchange.connections import Connection
from edi.exchange.place import (
    CHUNK_BYTES,
    STAGING_PREFIX,
    ExchangeError,
    FileChangedError,
    FileGoneError,
    FileRefusedError,
    PlaceRefusedError,
    PlaceUnreachableError,
    RemoteFile,
)

Result = TypeVar("Result")

CONNECT_SECONDS = 30
KEEPALIVE_SECONDS = 15
CALL_SECONDS = 3600


class SftpExchange:
    """List and fetch an inbound folder of an SFTP server, put into an outbound one.

    Args:
        connection: Where and how, with the host keys it may show.
        inbound: Path of the folder the partner drops into; relative: below the login folder.
        outbound: Path of the folder we deliver into.
    """

    parallel = 16

    def __init__(self, connection: Connection, inbound: str, outbound: str) -> None:
        self._connection = connection
        self._inbound = inbound
        self._outbound = outbound
        self._session: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None
        self._connecting = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def list_files(self) -> list[RemoteFile]:
        """Plain files of the inbound folder in name order."""
        return self._run(self._list_files())

    def fetch(self, remote: RemoteFile, write: Callable[[bytes], object]) -> None:
        """Give a file's bytes to `write`, asking for several pieces at once."""
        self._run(self._fetch(remote, write))

    def archive(self, remote: RemoteFile, folder: str, spare_folder: str) -> bool:
        """Move a taken file below a folder beside it."""
        return self._run(self._archive(remote, folder, spare_folder))

    def stage(self, name: str, content: Path) -> None:
        """Upload under a hidden name."""
        self._run(self._stage(name, content))

    def is_staged(self, name: str) -> bool:
        """Whether an upload of that name waits to be published."""
        return self._run(self._is_staged(name))

    def publish(self, name: str, content: Path) -> None:
        """Rename the upload, over an earlier copy of it if there is one."""
        self._run(self._publish(name))

    def close(self) -> None:
        """End the session and its thread."""
        if self._loop.is_closed():
            return
        self._run(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(CALL_SECONDS)
        except BaseException:
            future.cancel()
            raise

    async def _list_files(self) -> list[RemoteFile]:
        async with self._client() as sftp:
            try:
                entries = [entry async for entry in sftp.scandir(self._inbound)]
            except asyncssh.SFTPNoSuchFile:
                raise PlaceRefusedError("the inbound folder is not there") from None
        return sorted(_remote(str(e.filename), e.attrs) for e in entries if _is_plain(e.attrs))

    async def _fetch(self, remote: RemoteFile, write: Callable[[bytes], object]) -> None:
        async with self._client() as sftp, _told_of_files():
            path = f"{self._inbound}/{_plain_name(remote.name)}"
            async with sftp.open(path, "rb", encoding=None) as source:
                if _remote(remote.name, await source.stat()) != remote:
                    raise FileChangedError("the file changed since it was listed")
                offset = 0
                while offset < remote.byte_count:
                    chunk: Any = await source.read(CHUNK_BYTES, offset)
                    if not chunk:
                        break
                    write(chunk)
                    offset += len(chunk)
                if _remote(remote.name, await source.stat()) != remote:
                    raise FileChangedError("the file changed while it was read")
                if offset != remote.byte_count:
                    raise FileChangedError("the file is not as long as the listing said")

    async def _archive(self, remote: RemoteFile, folder: str, spare_folder: str) -> bool:
        name = _plain_name(remote.name)
        source = f"{self._inbound}/{name}"
        async with self._client() as sftp, _told_of_files():
            target = f"{self._inbound}/{folder}/{name}"
            if await sftp.exists(target):
                target = f"{self._inbound}/{spare_folder}/{name}"
            if not await sftp.exists(source) or _remote(name, await sftp.lstat(source)) != remote:
                return False
            await sftp.makedirs(target.rpartition("/")[0], exist_ok=True)
            await sftp.rename(source, target)
            if _remote(name, await sftp.lstat(target)) != remote:
                await sftp.rename(target, source)  # replaced meanwhile: not taken yet
                return False
        return True

    async def _stage(self, name: str, content: Path) -> None:
        async with self._client() as sftp, _told_of_files():
            await sftp.makedirs(self._outbound, exist_ok=True)
            async with sftp.open(self._staged(name), "wb", encoding=None) as target:
                with content.open("rb") as source:
                    while chunk := source.read(CHUNK_BYTES):
                        await target.write(chunk)
            arrived = (await sftp.stat(self._staged(name))).size
            if arrived != content.stat().st_size:
                raise PlaceUnreachableError("the upload did not arrive whole")

    async def _is_staged(self, name: str) -> bool:
        async with self._client() as sftp, _told_of_files():
            return await sftp.exists(self._staged(name))

    async def _publish(self, name: str) -> None:
        target = f"{self._outbound}/{_plain_name(name)}"
        async with self._client() as sftp, _told_of_files():
            try:
                await sftp.posix_rename(self._staged(name), target)
            except asyncssh.SFTPOpUnsupported:
                staged = await sftp.stat(self._staged(name))
                if await sftp.exists(target):
                    if (await sftp.stat(target)).size != staged.size:
                        raise FileRefusedError("another file lies under this name") from None
                    await sftp.remove(target)
                await sftp.rename(self._staged(name), target)

    def _staged(self, name: str) -> str:
        return f"{self._outbound}/{STAGING_PREFIX}{_plain_name(name)}"

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[asyncssh.SFTPClient]:
        """The session, made when there is none; losing it is told as such and forgets it."""
        sftp = await self._connected()
        session = self._session
        try:
            yield sftp
        except ExchangeError:
            raise
        except asyncssh.SFTPError as error:
            if isinstance(error, asyncssh.SFTPConnectionLost | asyncssh.SFTPNoConnection):
                self._forget(session)
                raise PlaceUnreachableError("the connection was lost") from None
            if isinstance(error, asyncssh.SFTPPermissionDenied):
                raise PlaceRefusedError("the place does not let us do this") from None
            raise FileRefusedError(f"the place refuses: {type(error).__name__}") from None
        except (asyncssh.Error, OSError, TimeoutError) as error:
            if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
                raise  # a disk of ours
            self._forget(session)
            raise PlaceUnreachableError("the connection was lost") from None

    async def _connected(self) -> asyncssh.SFTPClient:
        async with self._connecting:
            if self._sftp is None:
                session = await _connect(self._connection)
                self._sftp = await _sftp_client(session)
                self._session = session
            return self._sftp

    def _forget(self, lost: asyncssh.SSHClientConnection | None) -> None:
        """Drop a lost session, unless a neighbour has made a new one already."""
        if lost is not None and self._session is lost:
            self._session = self._sftp = None
            lost.abort()

    async def _disconnect(self) -> None:
        session, self._session, self._sftp = self._session, None, None
        if session is not None:
            session.close()
            await asyncio.wait({asyncio.ensure_future(session.wait_closed())}, timeout=5)


async def _connect(connection: Connection) -> asyncssh.SSHClientConnection:
    """Open a session with a server that shows one of the pinned keys."""
    keys: list[Any] = []
    try:
        pinned = [asyncssh.import_public_key(key) for key in connection.host_keys]
        if connection.key_file is not None:
            passphrase = connection.secret or None
            keys.append(asyncssh.read_private_key(connection.key_file, passphrase))
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise PlaceRefusedError("a key of the connection cannot be read") from None
    except OSError:
        raise PlaceRefusedError("the key file of the connection cannot be opened") from None
    try:
        return await asyncssh.connect(
            connection.host,
            connection.port,
            username=connection.user,
            password=None if keys else connection.secret,
            client_keys=keys or None,
            known_hosts=(pinned, [], []),
            agent_path=None,
            config=None,
            connect_timeout=CONNECT_SECONDS,
            keepalive_interval=KEEPALIVE_SECONDS,
        )
    except asyncssh.HostKeyNotVerifiable:
        raise PlaceRefusedError("the server shows another host key than the one pinned") from None
    except asyncssh.PermissionDenied:
        raise PlaceRefusedError("the server refuses our account, key or password") from None
    except (asyncssh.Error, OSError, TimeoutError) as error:
        raise PlaceUnreachableError(f"no connection: {type(error).__name__}") from None


async def _sftp_client(session: asyncssh.SSHClientConnection) -> asyncssh.SFTPClient:
    """Start SFTP; names that are no UTF-8 become texts that turn back into the same bytes."""
    try:
        return await session.start_sftp_client(path_errors="surrogateescape")
    except asyncssh.ChannelOpenError:
        session.abort()
        raise PlaceRefusedError("the server offers no SFTP") from None
    except (asyncssh.Error, OSError) as error:
        session.abort()
        raise PlaceUnreachableError(f"no connection: {type(error).__name__}") from None


@asynccontextmanager
async def _told_of_files() -> AsyncIterator[None]:
    """Errors about one file as such; a lost connection goes on to the session."""
    try:
        yield
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        raise FileGoneError("the file is not there any more") from None
    except (asyncssh.SFTPPermissionDenied, asyncssh.SFTPFailure) as error:
        raise FileRefusedError(f"the place refuses the file: {type(error).__name__}") from None


def _is_plain(attributes: asyncssh.SFTPAttrs) -> bool:
    if attributes.permissions is not None:
        return stat.S_ISREG(attributes.permissions)
    return attributes.type == asyncssh.FILEXFER_TYPE_REGULAR


def _remote(name: str, attributes: asyncssh.SFTPAttrs) -> RemoteFile:
    modified_at = datetime.fromtimestamp(attributes.mtime or 0, UTC)
    return RemoteFile(name, attributes.size or 0, modified_at)


def _plain_name(name: str) -> str:
    if name in {"", ".", ".."} or "/" in name or "\0" in name:
        raise FileRefusedError("this name would lead out of the folder")
    return name
