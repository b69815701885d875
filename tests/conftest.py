"""Settings every test shares: Hypothesis profiles and where it remembers failing examples."""

import os
from pathlib import Path

from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).resolve().parent.parent / ".run" / "cache" / "hypothesis")

settings.register_profile(
    "ci",
    max_examples=200,
    deadline=None,  # two cores shared with other work: time says nothing about the code
    print_blob=True,
)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=30)
settings.register_profile("nightly", settings.get_profile("ci"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
