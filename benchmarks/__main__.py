"""`make bench`: every measurement, one after the other, or the ones named.

python -m benchmarks [read] [decide] [write] [nights]
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SCRIPTS = {
    "read": "read_x12.py",
    "decide": "adjudicate.py",
    "write": "write_835.py",
    "nights": "nights.py",
}


def main(names: list[str]) -> int:
    """Run the measurements; return 2 for a name there is none of, else the worst exit status."""
    unknown = [name for name in names if name not in SCRIPTS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(SCRIPTS)}", file=sys.stderr)
        return 2
    worst = 0
    for name in names or SCRIPTS:
        print(f"== {name}: benchmarks/{SCRIPTS[name]}", flush=True)
        module = f"benchmarks.{Path(SCRIPTS[name]).stem}"
        done = subprocess.run([sys.executable, "-m", module], cwd=FOLDER.parent, check=False)
        worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
