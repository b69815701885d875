"""Transaction sets whose header and trailer are right in every point, found without leaving the kernel."""

from typing import Any

from edi.kernels.machine import inlined, kernel
from edi.kernels.walk import whole_number

CONTROL_BYTES = 9  # ST02 has four to nine characters


@inlined
def same_bytes(buffer: Any, start: Any, end: Any, wanted: Any, length: Any) -> Any:
    """`[start, end)` holds the first `length` bytes of `wanted`."""
    if end - start != length:
        return False
    for i in range(length):
        if buffer[start + i] != wanted[i]:
            return False
    return True


@kernel
def clean_sets(
    buffer: Any,
    envelope: Any,
    header_at: Any,
    segment_token: Any,
    token_end: Any,
    code: Any,
    versions: Any,
    version_lengths: Any,
    clean: Any,
    control: Any,
) -> Any:
    """Mark the pairs ST, SE that agree with each other, with the guide and with the segments counted.

    `envelope` are the envelope segments of a block in order, `header_at[i]` is 1 where i is an ST and
    i + 1 an SE. `clean[i]` becomes 1 and `control[i]` holds ST02. A version
    of no length stands for a set that names none. Returns the number of pairs marked.
    """
    found = 0
    for i in range(len(envelope)):
        clean[i] = 0
        if header_at[i] == 0:
            continue
        header = segment_token[envelope[i]]
        trailer = segment_token[envelope[i + 1]]
        elements = segment_token[envelope[i] + 1] - header - 1
        if elements != 2 and elements != 3:
            continue
        if segment_token[envelope[i + 1] + 1] - trailer != 3:
            continue
        if not same_bytes(buffer, token_end[header] + 1, token_end[header + 1], code, len(code)):
            continue
        first = token_end[header + 1] + 1
        last = token_end[header + 2]
        if last - first < 4 or last - first > CONTROL_BYTES:
            continue
        good = True
        for k in range(first, last):
            byte = buffer[k]
            letter = 65 <= (byte & 0xDF) <= 90
            good &= letter or 48 <= byte <= 57
            good &= byte == buffer[token_end[trailer + 1] + 1 + k - first]
        good &= token_end[trailer + 2] - token_end[trailer + 1] - 1 == last - first
        if not good:
            continue
        known = False
        begin = last + 1 if elements == 3 else last
        for v in range(len(versions)):
            known |= same_bytes(
                buffer, begin, token_end[header + elements], versions[v], version_lengths[v]
            )
        count = whole_number(buffer, token_end[trailer] + 1, token_end[trailer + 1])
        if not known or count != envelope[i + 1] - envelope[i] + 1:
            continue
        clean[i] = 1
        found += 1
        for k in range(CONTROL_BYTES):
            control[i, k] = buffer[first + k] if k < last - first else 0
    return found
