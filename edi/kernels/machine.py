"""What numba does not offer: unaligned 8-byte loads and stores, bit scans, and our two decorators.

`kernel` compiles a function that Python calls. `inlined` marks one that is called for every segment or
element: passing an array costs seven words a call, so numba copies such a function into its caller
(validation of 200 MB took 0.49 s with calls and 0.25 s inlined). Reference counting is switched off for
the same reason; no kernel may allocate an array.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba import types, uint64
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "boundscheck": False, "_nrt": False}

# Repeated in every byte of a word: 0x01, the high bit, and all other bits.
ONES = uint64(0x0101010101010101)
HIGH = uint64(0x8080808080808080)
LOW7 = uint64(0x7F7F7F7F7F7F7F7F)


def constants(*values: int) -> tuple[Any, ...]:
    """Numbers for use in kernels.

    numba compiles a function anew for every literal integer it is called with; numpy's are one type.
    """
    return tuple(np.int64(value) for value in values)


ZERO, NO = np.int64(0), np.bool_(False)


def kernel(function: Function) -> Function:
    """Compile without reference counting and without the interpreter lock, and keep the machine code."""
    return cast("Function", numba.njit(**OPTIONS)(function))


def inlined(function: Function) -> Function:
    """Like `kernel`, but copied into every kernel that calls it."""
    return cast("Function", numba.njit(**OPTIONS, forceinline=True)(function))


def machine_code(function: Callable[..., Any]) -> Any:
    """Make a function for kernels out of one that builds its instructions."""
    return intrinsic(function)


@machine_code
def load8(typing_context: Any, array: Any, index: Any) -> Any:
    """Bytes `array[index : index + 8]` as a little-endian word, at any alignment."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.gep(view.data, [arguments[1]])
        return builder.load(builder.bitcast(address, ir.IntType(64).as_pointer()), align=1)

    return types.uint64(array, types.int64), generate


@machine_code
def store8(typing_context: Any, array: Any, index: Any, word: Any) -> Any:
    """Write a little-endian word to `array[index : index + 8]`, at any alignment."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        address = builder.gep(view.data, [arguments[1]])
        target = builder.bitcast(address, ir.IntType(64).as_pointer())
        builder.store(arguments[2], target, align=1)
        return context.get_dummy_value()

    return types.void(array, types.int64, types.uint64), generate


@machine_code
def popcount(typing_context: Any, word: Any) -> Any:
    """Number of bits set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


@machine_code
def trailing_zeros(typing_context: Any, word: Any) -> Any:
    """Number of zero bits below the lowest bit set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@inlined
def first_byte(mask: Any) -> Any:
    """Index of the lowest byte in which the mask has a bit."""
    return numba.int64(trailing_zeros(mask) >> uint64(3))


@inlined
def low_bytes(count: Any) -> Any:
    """Mask of the `count` low bytes, 1 <= count <= 8."""
    return ~uint64(0) >> uint64(64 - 8 * count)


@inlined
def zero_bytes(word: Any) -> Any:
    """High bit set in every byte of the word that is zero, exactly."""
    return ~(((word & LOW7) + LOW7) | word | LOW7)


@inlined
def component_bounds(buffer: Any, start: Any, end: Any, component: Any, separator: Any) -> Any:
    """Bounds of a component (1-based; 0 is the whole element) of the element `[start, end)`."""
    if component > 0:
        at = 1
        while at < component and start < end:
            at += buffer[start] == separator
            start += 1
        if at < component:
            return end, end
        stop = start
        while stop < end and buffer[stop] != separator:
            stop += 1
        end = stop
    return start, end
