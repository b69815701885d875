"""Opens a partner's place and its keys from what is configured and the connections given.

Losing a connection is tried again with growing, jittered pauses; what a person must mend is not.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from edi.exchange.connections import ConnectionSettingError, connection_named
from edi.exchange.folder import FolderExchange
from edi.exchange.openpgp import SecretKey, read_secret_key
from edi.exchange.place import ExchangeClient, ExchangeError, PlaceUnreachableError
from transforms.config import PipelineConfig
from transforms.plan.models import Configuration, FolderPlace, OpenPgp, Partner, SftpPlace
from transforms.plan.models_exchange import place_connections

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often a lost connection is tried again.

    Attributes:
        attempts: Including the first.
        first_pause_seconds: Upper bound of the first pause; it doubles.
        longest_pause_seconds: Upper bound of every pause.
    """

    attempts: int = 5
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 30.0

    def __call__(self, call: Callable[[], Result]) -> Result:
        """Return what `call` returns; tried again while the place is unreachable.

        Raises:
            ExchangeError: The last attempt's.
        """
        attempts = Retrying(
            retry=retry_if_exception_type(PlaceUnreachableError),
            stop=stop_after_attempt(self.attempts),
            wait=wait_random_exponential(
                multiplier=self.first_pause_seconds, max=self.longest_pause_seconds
            ),
            reraise=True,
        )
        return attempts(call)


PATIENT = Patience()


def in_threads(parallel: int, act: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Do something with each item in several threads; return the results in the order of the items.

    The first that fails keeps those from beginning that have not begun.
    """
    with ThreadPoolExecutor(max(1, min(parallel, len(items)))) as pool:
        futures = [pool.submit(act, item) for item in items]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class NoAgreementError(Exception):
    """No business associate agreement is in force: nothing is exchanged (45 CFR 164.502(e))."""


PLACE_ERRORS = (ExchangeError, ConnectionSettingError, NoAgreementError)
"""What keeps a whole partner from being served, and nobody else."""


def with_agreement(partner: Partner | None, on: date) -> Partner:
    """The partner, if it is configured and its agreement was signed by that day.

    Raises:
        NoAgreementError: It is not.
    """
    if partner is None:
        raise NoAgreementError("the partner is not configured any more")
    if partner.baa_date is None or partner.baa_date > on:
        raise NoAgreementError("no business associate agreement is in force")
    return partner


@contextmanager
def open_place(config: PipelineConfig, partner: Partner) -> Iterator[ExchangeClient]:
    """The client of a partner's place; nothing is connected before its first call.

    Raises:
        ConnectionSettingError: The connection it names is missing or wrong.
    """
    place = _client(config, partner)
    try:
        yield place
    finally:
        place.close()


def _client(config: PipelineConfig, partner: Partner) -> ExchangeClient:
    exchange = partner.exchange
    if isinstance(exchange, FolderPlace):
        return FolderExchange(
            inbound=config.drops / exchange.inbound, outbound=config.outbound / exchange.outbound
        )
    connection = connection_named(config.connections, exchange.connection, exchange.kind)
    if isinstance(exchange, SftpPlace):
        from edi.exchange.sftp import SftpExchange  # noqa: PLC0415 - a second to import

        return SftpExchange(connection, exchange.inbound, exchange.outbound)
    from edi.exchange.s3 import S3Exchange  # noqa: PLC0415 - a second to import

    return S3Exchange(connection, exchange.bucket, exchange.inbound, exchange.outbound)


def connection_names(configuration: Configuration) -> list[str]:
    """Names of every connection that some partner needs, for whoever keeps the secrets."""
    return sorted(
        {
            name
            for partner in configuration.partners.values()
            for name in place_connections(partner.exchange, partner.openpgp)
        }
    )


def secret_key(config: PipelineConfig, openpgp: OpenPgp) -> SecretKey:
    """Our key for a partner.

    Raises:
        ConnectionSettingError: Its connection is missing, or the key cannot be used.
    """
    connection = connection_named(config.connections, openpgp.connection, "openpgp")
    if connection.key_file is None:
        raise ConnectionSettingError(f"connection {openpgp.connection}: no key file")
    try:
        return read_secret_key(connection.key_file, connection.secret)
    except ValueError as error:
        raise ConnectionSettingError(f"connection {openpgp.connection}: {error}") from None
