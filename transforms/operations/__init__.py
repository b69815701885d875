"""The operator's page: what needs a person, what the nights did, what became of each file."""

from transforms.operations.file_view import FileView, read_file_view
from transforms.operations.night_view import NightView, read_night_view
from transforms.operations.overview import Overview, read_overview
from transforms.operations.pages import Pages
from transforms.operations.unmasking import record_unmasking

__all__ = [
    "FileView",
    "NightView",
    "Overview",
    "Pages",
    "read_file_view",
    "read_night_view",
    "read_overview",
    "record_unmasking",
]
