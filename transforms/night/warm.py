"""Compiles every kernel once, by running a tiny night in a folder that is thrown away.

Compiled kernels are kept on disk; without this, the first tasks of the first night would all compile
the same ones at the same time.
"""

import os
import tempfile
from datetime import date
from pathlib import Path

from transforms.night.inprocess import run_night
from transforms.sample.night import make_night
from transforms.sample.scenario import Settings

NIGHT = date(2026, 3, 5)
TINY = Settings(night=NIGHT, employers=1, members=24, claims=200, seed=1, has_bad_files=False)


def warm() -> None:
    """Run the tiny night in this process."""
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder, "sample")
        make_night(TINY, sample, workers=1)
        os.environ.update(
            ASO_HOME=str(Path(folder, "state")),
            ASO_CONFIGURATION=str(sample / "config"),
            ASO_DROPS=str(sample / "drops"),
        )
        run_night(NIGHT.isoformat())


if __name__ == "__main__":
    warm()
