"""The steps of an arrival, in order: what the scheduler calls, one task each."""

from transforms.night.arriving import answer, take_in
from transforms.night.receiving import read_bundles, read_files

__all__ = ["answer", "read_bundles", "read_files", "take_in"]
