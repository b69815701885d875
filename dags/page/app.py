"""The operator's page inside Airflow: who may see and start what. What it shows is not made here."""

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qs, quote, urlsplit

from airflow.api.common.trigger_dag import trigger_dag
from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
from airflow.configuration import conf
from airflow.models.dagrun import DagRun
from airflow.models.hitl import HITLDetail
from airflow.utils.session import create_session
from airflow.utils.types import DagRunTriggeredByType
from fastapi import Depends, FastAPI, HTTPException, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import func, select

ROOT = "/operations"
ACTIONS = {
    "nightly": ("night",),
    "receive": (),
    "approve_funding": ("again",),
    "reprocess": ("night", "file"),
}
"""DAGs a button may start, and the parameters it may give."""

RUNS_SHOWN = 10
TOKEN_SECONDS = 12 * 3600
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " frame-ancestors 'self'; base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

may_see = requires_access_dag("GET", param_dag_id="nightly")
app = FastAPI(dependencies=[Depends(may_see)], openapi_url=None, docs_url=None, redoc_url=None)
User = Annotated[BaseUser, Depends(get_user)]


def may_run(user: BaseUser, dag_id: str) -> bool:
    """Whether a user may start runs of a DAG."""
    return bool(
        get_auth_manager().is_authorized_dag(
            method="POST",
            access_entity=DagAccessEntity.RUN,
            details=DagDetails(id=dag_id),
            user=user,
        )
    )


def tokens() -> URLSafeTimedSerializer:
    """Maker and judge of the proofs that a form came from our page."""
    return URLSafeTimedSerializer(conf.get("api", "secret_key"), salt="operations")


def viewer_of(user: BaseUser) -> Any:
    """What the page offers this user."""
    from transforms.operations.pages import Viewer

    return Viewer(
        name=user.get_name(),
        may_run=may_run(user, "nightly"),
        token=tokens().dumps(user.get_id()),
    )


async def posted_form(request: Request, user: User) -> dict[str, str]:
    """Return the fields of a form that came from our page and from this user.

    Raises:
        HTTPException: 403 when it came from anywhere else.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = urlsplit(request.headers.get("origin", "")).netloc
    is_ours = site == "same-origin" and origin in {"", request.headers.get("host", "")}
    fields = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    try:
        owner = tokens().loads(fields.pop("token", ""), max_age=TOKEN_SECONDS)
    except BadSignature:
        owner = None
    if not is_ours or owner != user.get_id():
        raise HTTPException(status.HTTP_403_FORBIDDEN, "this form did not come from your page")
    return fields


Form = Annotated[dict[str, str], Depends(posted_form)]


def answer(html: str) -> HTMLResponse:
    """A page that no cache keeps and no other site frames."""
    return HTMLResponse(html, headers=HEADERS)


def published() -> Any:
    """Configuration of the system and its warehouse, of which only the published copy is read."""
    from transforms.config import PipelineConfig
    from transforms.warehouse import Warehouse

    config = PipelineConfig.from_environment()
    return config, Warehouse(config.warehouse_url)


@app.get("/")
def show_overview(user: User, started: str = "") -> HTMLResponse:
    """What needs a person, the last nights, files, money and runs."""
    from transforms.operations import Pages, read_overview
    from transforms.operations.pages import Run
    from transforms.warehouse import WarehouseError

    pages, viewer = Pages(ROOT), viewer_of(user)
    _, warehouse = published()
    try:
        with warehouse.read() as connection:
            overview = read_overview(connection)
    except WarehouseError:
        return answer(pages.nothing_yet(viewer))
    with create_session() as session:
        found = session.scalars(
            select(DagRun)
            .where(DagRun.dag_id.in_(ACTIONS))
            .order_by(DagRun.run_after.desc())
            .limit(RUNS_SHOWN)
        )
        runs = [
            Run(
                dag_id=run.dag_id,
                run_id=run.run_id,
                state=str(run.state),
                began=run.start_date,
                address=f"/dags/{run.dag_id}/runs/{quote(run.run_id, safe='')}",
            )
            for run in found
        ]
        questions = session.scalar(
            select(func.count()).select_from(HITLDetail).where(HITLDetail.responded_at.is_(None))
        )
    notice = f"{started} is started; its run appears below." if started in ACTIONS else ""
    return answer(pages.overview(overview, runs, int(questions or 0), viewer, notice))


@app.get("/night/{night}")
def show_night(night: str, user: User) -> HTMLResponse:
    """One night."""
    from transforms.operations import Pages, read_night_view
    from transforms.operations.rows import night_of

    day = night_of(night)
    if day is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such night")
    _, warehouse = published()
    with warehouse.read() as connection:
        view = read_night_view(connection, day)
    return answer(Pages(ROOT).night(view, viewer_of(user)))


def file_page(file_id: str, user: BaseUser, *, unmasked: bool) -> HTMLResponse:
    """One file, masked or not."""
    from transforms.operations import Pages, read_file_view

    config, warehouse = published()
    with warehouse.read() as connection:
        view = read_file_view(connection, config, file_id, unmasked=unmasked)
    if view is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such file")
    return answer(Pages(ROOT).file(view, viewer_of(user)))


@app.get("/file/{file_id}")
def show_file(file_id: str, user: User) -> HTMLResponse:
    """One file, with values of people masked."""
    return file_page(file_id, user, unmasked=False)


@app.post("/file/{file_id}/unmask")
def show_file_unmasked(file_id: str, user: User, form: Form) -> HTMLResponse:
    """One file with values of people, after who and why are recorded."""
    from transforms.operations import record_unmasking

    if not may_run(user, "nightly"):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "your role may not see people's values")
    if not form.get("reason", "").strip():
        raise HTTPException(status.HTTP_400_BAD_REQUEST, "say why you need to see them")
    file_page(file_id, user, unmasked=False)  # 404 for what is not there, before anything is noted
    record_unmasking(
        who=user.get_name(), file_id=file_id, reason=form["reason"], at=datetime.now(UTC)
    )
    return file_page(file_id, user, unmasked=True)


@app.post("/run/{dag_id}")
def start_run(dag_id: str, user: User, form: Form) -> RedirectResponse:
    """Start a DAG with the parameters of a button."""
    if dag_id not in ACTIONS:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such action")
    if not may_run(user, dag_id):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "your role may not start runs")
    given: dict[str, Any] = {name: form[name] for name in ACTIONS[dag_id] if form.get(name)}
    if "again" in given:
        given["again"] = True
    trigger_dag(
        dag_id,
        triggered_by=DagRunTriggeredByType.UI,
        triggering_user_name=user.get_name(),
        conf=given,
    )
    return RedirectResponse(f"{ROOT}/?started={dag_id}", status.HTTP_303_SEE_OTHER)
