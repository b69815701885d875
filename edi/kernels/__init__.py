"""Compiled loops over bytes. Knows offsets, states and tables; names no segment and no guide."""

from edi.kernels.cache import use_kernel_cache

CACHE_FOLDER = use_kernel_cache()
