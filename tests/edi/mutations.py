"""Random defects in a transaction set: what senders' programs do to segments, elements, codes and dates."""

import random
from collections.abc import Callable

Body = list[str]

BAD_VALUES = (
    *("", "X", "ZZZ", "20241399", "20240230", "1.2.3", "-", "12A", "A" * 90, "  ", "AB "),
    *("99999999999999999999", "a`b", "\t", "1.", ".5", "5.", "0", "-7", "1.25", "1.255", "00"),
    *("20260101-20260131", "20260131-", "2460", "20260115103", "QZ", "^", "A^B", "A:B", ":"),
)
STRAY_SEGMENTS = (
    *(
        "ZZ*1",
        "NM1*ZZ*1",
        "REF*XX*1",
        "LX*99",
        "SV1*ZZ:1",
        "HL*1**99*0",
        "K3*ABC",
        "NM1",
        "Z*1",
        "ABCD*1",
    ),
    *("NTE*ADD*X", "DTP*348*D8*20260101", "REF*1L*X", "clm*1", "N3*X", "CAS*CO*45*1", "QTY*90*1"),
)


def place(body: Body, luck: random.Random) -> int:
    """A segment between header and trailer."""
    return luck.randrange(1, len(body) - 1)


def delete(body: Body, luck: random.Random) -> None:
    """A segment is lost."""
    if len(body) > 3:
        del body[place(body, luck)]


def duplicate(body: Body, luck: random.Random) -> None:
    """A segment is sent twice."""
    at = place(body, luck)
    body.insert(at, body[at])


def swap(body: Body, luck: random.Random) -> None:
    """Two segments change places."""
    at, other = place(body, luck), place(body, luck)
    body[at], body[other] = body[other], body[at]


def stray(body: Body, luck: random.Random) -> None:
    """A segment stands where it does not belong."""
    own = body[place(body, luck)]
    body.insert(place(body, luck), luck.choice((*STRAY_SEGMENTS, own, own)))


def surplus(body: Body, luck: random.Random) -> None:
    """A segment has more elements than the guide."""
    body[place(body, luck)] += luck.choice(("*EXTRA*X", "*", "*" * 20 + "X"))


def truncate(body: Body, luck: random.Random) -> None:
    """The last elements of a segment are lost."""
    at = place(body, luck)
    elements = body[at].split("*")
    body[at] = "*".join(elements[: luck.randrange(1, len(elements) + 1)])


def value(body: Body, luck: random.Random) -> None:
    """An element or component holds something else."""
    at = place(body, luck)
    elements = body[at].split("*")
    if len(elements) < 2:
        return
    position = luck.randrange(1, len(elements))
    components = elements[position].split(":")
    if len(components) > 1 and luck.random() < 0.7:
        components[luck.randrange(len(components))] = luck.choice(BAD_VALUES)
        elements[position] = ":".join(components)
    else:
        elements[position] = luck.choice(BAD_VALUES)
    body[at] = "*".join(elements)


def qualifier(body: Body, luck: random.Random) -> None:
    """A segment takes the qualifier of another one."""
    at, other = place(body, luck), place(body, luck)
    elements, others = body[at].split("*"), body[other].split("*")
    if len(elements) > 1 and len(others) > 1:
        elements[1] = others[1]
        body[at] = "*".join(elements)


def components(body: Body, luck: random.Random) -> None:
    """An element gets components it does not have."""
    at = place(body, luck)
    elements = body[at].split("*")
    position = luck.randrange(1, len(elements)) if len(elements) > 1 else 0
    elements[position] += luck.choice((":", ":X", ":A:B:C:D:E:F:G:H:I:J:K"))
    body[at] = "*".join(elements)


MUTATIONS: dict[Callable[[Body, random.Random], None], int] = {
    delete: 3,
    duplicate: 2,
    swap: 2,
    stray: 2,
    surplus: 1,
    truncate: 2,
    value: 8,
    qualifier: 2,
    components: 1,
}


def mutated(body: Body, luck: random.Random) -> Body:
    """A copy of the set with one defect, seldom two."""
    out = list(body)
    for _ in range(1 if luck.random() < 0.85 else 2):
        (change,) = luck.choices(list(MUTATIONS), list(MUTATIONS.values()))
        change(out, luck)
    return out
