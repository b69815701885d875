"""The employer's money: cycles, requests, approvals, deposits and the release of payments."""

from transforms.funding.approval import ApprovalOutcome, approve, employer_of_account
from transforms.funding.calculation import cut_off
from transforms.funding.deposits import DepositOutcome, record_credit, record_deposits
from transforms.funding.errors import CycleStateError, FundingError, ReleaseRefusedError
from transforms.funding.payment_release import Released, open_release, release

__all__ = [
    "ApprovalOutcome",
    "CycleStateError",
    "DepositOutcome",
    "FundingError",
    "ReleaseRefusedError",
    "Released",
    "approve",
    "cut_off",
    "employer_of_account",
    "open_release",
    "record_credit",
    "record_deposits",
    "release",
]
