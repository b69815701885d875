"""Turns Airflow's connections into the plain URLs that the exchange with partners takes."""

import os
from typing import Any


def connections_of_partners() -> dict[str, str]:
    """URLs of every connection that the configuration in force names and Airflow has.

    One that Airflow does not have may be in the environment; whoever needs it tells if it is not.
    """
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    from transforms.config import PipelineConfig
    from transforms.exchange.places import connection_names
    from transforms.plan.loader import load_configuration

    found = {}
    for name in connection_names(
        load_configuration(PipelineConfig.from_environment().configuration)
    ):
        try:
            found[name] = url_of(Connection.get(name.lower()))
        except AirflowNotFoundException:
            continue
    return found


def url_of(connection: Any) -> str:
    """Return an Airflow connection (types sftp, ssh, aws, generic) as a URL of ours."""
    from edi.exchange.connections import connection_url

    extra = connection.extra_dejson
    user, secret = connection.login or "", connection.password or ""
    if connection.conn_type in {"sftp", "ssh"}:
        options = {"host_key": extra.get("host_key", ""), "key_file": extra.get("key_file", "")}
        return connection_url(
            "sftp", connection.host or "", connection.port, user, secret, options=options
        )
    if connection.conn_type == "aws":
        options = {
            "region": extra.get("region_name", ""),
            "endpoint_url": extra.get("endpoint_url", ""),
        }
        return connection_url("s3", user=user, secret=secret, options=options)
    return connection_url("openpgp", secret=secret, path=os.fspath(extra.get("key_file", "")))
