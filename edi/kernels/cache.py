"""Where numba keeps compiled kernels: one folder for each state of the kernel sources.

numba stores a compiled function under the time stamp of that function's own file. Our kernels inline
functions of other files, so after an edit of a callee numba would serve the old machine code. The folder
is therefore named by a digest of all kernel sources, the numba version and the processor.
"""

import hashlib
import os
import platform
import tempfile
from collections.abc import Iterable
from pathlib import Path

import llvmlite.binding
import numba

KERNEL_FOLDER = Path(__file__).resolve().parent
PROJECT_FOLDER = KERNEL_FOLDER.parent.parent


def kernel_sources() -> list[Path]:
    """Every source file whose text may end up in compiled code, in path order."""
    return sorted(KERNEL_FOLDER.glob("*.py"))


def sources_digest(sources: Iterable[Path], numba_version: str, processor: str) -> str:
    """First 16 hex digits of a SHA-256 over the sources, the numba version and the processor."""
    digest = hashlib.sha256(f"{numba_version}\n{processor}\n".encode())
    for path in sources:
        digest.update(path.name.encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """`NUMBA_CACHE_DIR` when the environment sets it, else `.run/cache/numba` of the project."""
    return Path(os.environ.get("NUMBA_CACHE_DIR") or PROJECT_FOLDER / ".run" / "cache" / "numba")


def use_kernel_cache() -> Path:
    """Point numba at the folder of the present sources. Call before the first kernel is defined."""
    processor = f"{platform.machine()} {llvmlite.binding.get_host_cpu_name()}"
    folder = cache_root() / sources_digest(kernel_sources(), numba.__version__, processor)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:  # an installed package may lie in a read-only place
        folder = Path(tempfile.gettempdir()) / f"aso-numba-{os.getuid()}" / folder.name
        folder.mkdir(parents=True, exist_ok=True)
    setattr(numba.config, "CACHE_DIR", str(folder))  # noqa: B010 - made at run time, so mypy knows no such name
    return folder
