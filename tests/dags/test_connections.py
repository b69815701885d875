"""Airflow's connections become the plain URLs of ours, every character of a secret with them."""

import json
from typing import Any

import pytest

from dags.connections import connections_of_partners, url_of
from edi.exchange.connections import parse_connection

pytestmark = pytest.mark.airflow

SECRET = "p@ss:w/o?r&d=1+ %41"
HOST_KEY = "ssh-ed25519 AAAAC3Nz+a/b=="


def airflow_connection(**parts: Any) -> Any:
    from airflow.sdk import Connection

    extra = parts.pop("extra", {})
    return Connection(conn_id="one", extra=json.dumps(extra), **parts)


def test_an_sftp_connection_keeps_account_port_secret_and_pinned_key() -> None:
    connection = parse_connection(
        url_of(
            airflow_connection(
                conn_type="sftp",
                host="sftp.example.com",
                port=2222,
                login="tpa@x",
                password=SECRET,
                extra={"host_key": HOST_KEY},
            )
        )
    )
    assert (connection.host, connection.port) == ("sftp.example.com", 2222)
    assert (connection.user, connection.secret) == ("tpa@x", SECRET)
    assert connection.host_keys == (HOST_KEY,)


def test_an_aws_connection_keeps_keys_region_and_endpoint() -> None:
    extra = {"region_name": "us-east-2", "endpoint_url": "https://s3.example.com:9000/x?y=z"}
    connection = parse_connection(
        url_of(airflow_connection(conn_type="aws", login="ID", password=SECRET, extra=extra))
    )
    assert (connection.kind, connection.user, connection.secret) == ("s3", "ID", SECRET)
    assert (connection.region, connection.endpoint_url) == tuple(extra.values())


def test_a_generic_connection_is_our_key_and_its_passphrase() -> None:
    connection = parse_connection(
        url_of(
            airflow_connection(
                conn_type="generic", password=SECRET, extra={"key_file": "/etc/aso/a key.asc"}
            )
        )
    )
    assert (connection.kind, str(connection.key_file)) == ("openpgp", "/etc/aso/a key.asc")
    assert connection.secret == SECRET


def test_a_configuration_of_folders_asks_airflow_for_nothing() -> None:
    assert connections_of_partners() == {}
