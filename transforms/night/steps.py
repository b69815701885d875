"""The steps of a night, in order: what the scheduler calls, one task each.

Each takes short strings, returns a storage key (or a list of them), and may run again at any time.
"""

from transforms.night.closing import check_night, load, report
from transforms.night.contracts import check_contracts
from transforms.night.deciding import adjudicate, employers, enroll, judge, post_decisions
from transforms.night.paying import approve, cut_off, deliver, record_deposits, release
from transforms.night.receiving import acknowledge, prepare, read_bundles, read_files, receive

__all__ = [
    "acknowledge",
    "adjudicate",
    "approve",
    "check_contracts",
    "check_night",
    "cut_off",
    "deliver",
    "employers",
    "enroll",
    "judge",
    "load",
    "post_decisions",
    "prepare",
    "read_bundles",
    "read_files",
    "receive",
    "record_deposits",
    "release",
    "report",
]
