"""Sends each partner's numbers by the way Airflow's own go."""


def send(at: str) -> None:
    """Send gauges `partner.<partner>.<measure>`; where no way is set nothing happens.

    Args:
        at: Now, ISO 8601 with zone.
    """
    from airflow.sdk.observability import stats
    from airflow.sdk.observability.metrics.stats_utils import get_stats_factory

    from transforms.night.measures import partner_measures

    stats.initialize(factory=get_stats_factory(), export_legacy_names=False)
    for one in partner_measures(at):
        stats.gauge(f"partner.{one.partner_id}.{one.name}", one.value)
