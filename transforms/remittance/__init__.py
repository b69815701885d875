"""Remittances and bank files of released payments, from the lake."""

from transforms.remittance.ach import AchDocument, build_ach_file
from transforms.remittance.build import RemittanceDocument, build_remittances
from transforms.remittance.errors import RemittanceSourceError

__all__ = [
    "AchDocument",
    "RemittanceDocument",
    "RemittanceSourceError",
    "build_ach_file",
    "build_remittances",
]
