"""Puts the operator's page into Airflow's navigation.

Every process of Airflow loads this file, tasks too: what the page needs is imported by the API server,
at the first request.
"""

import asyncio
from importlib import import_module
from typing import Any

from airflow.plugins_manager import AirflowPlugin

ROOT = "/operations"


async def page(scope: Any, receive: Any, send: Any) -> None:
    """The page as an ASGI application."""
    module = await asyncio.to_thread(import_module, "dags.page.app")
    await module.app(scope, receive, send)


class OperationsPlugin(AirflowPlugin):
    """The page and its entry in the navigation."""

    name = "operations"
    fastapi_apps = [  # noqa: RUF012 - Airflow's own way to say it
        {"app": page, "url_prefix": ROOT, "name": "Operations"}
    ]
    external_views = [  # noqa: RUF012
        {
            "name": "Operations",
            "href": f"{ROOT}/",
            "destination": "nav",
            "url_route": "operations",
            "nav_top_level": True,
        }
    ]
