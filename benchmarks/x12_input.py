"""Valid files of any size for the benchmarks: claims (837P, 837I) and enrollment (834), from a seed."""

import random
from collections.abc import Iterator
from pathlib import Path

SUBSCRIBERS_A_SET = 250
MEMBERS_A_SET = 1000
GUIDES = {
    "837P": ("HC", "005010X222A1"),
    "837I": ("HC", "005010X223A2"),
    "834": ("BE", "005010X220A1"),
}
"""GS01 and GS08 of each kind."""


def npi(luck: random.Random) -> str:
    """A national provider identifier with a true check digit."""
    body = f"1{luck.randrange(10**8):08d}"
    total = 24  # the prefix 80840 adds 24
    for place, digit in enumerate(map(int, reversed(body))):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return body + str(-total % 10)


def money(cents: int) -> str:
    """An amount as X12 writes it."""
    return f"{cents / 100:.2f}".rstrip("0").rstrip(".")


def professional_claim(mark: str, day: str, luck: random.Random, provider: str) -> Iterator[str]:
    """Claim and lines of an 837P."""
    amounts = [luck.randrange(2000, 90000) for _ in range(luck.choice((1, 2, 3, 4)))]
    yield f"CLM*PCN{mark}*{money(sum(amounts))}***11:B:1*Y*A*Y*Y"
    yield f"REF*D9*{luck.randrange(10**9, 10**10)}"
    yield f"HI*ABK:J0{luck.randrange(10, 99)}*ABF:E119*ABF:I10"
    yield f"NM1*82*1*SMITH*ANN****XX*{provider}"
    yield "PRV*PE*PXC*207Q00000X"
    for line, cents in enumerate(amounts, 1):
        yield f"LX*{line}"
        modifier = luck.choice(("", "", ":25", ":59:LT"))
        code = luck.randrange(99202, 99499)
        yield f"SV1*HC:{code}{modifier}*{money(cents)}*UN*{luck.randrange(1, 4)}***1:2"
        yield f"DTP*472*D8*{day}"
        yield f"REF*6R*{mark[6:]}{line}"


def institutional_claim(mark: str, day: str, luck: random.Random, provider: str) -> Iterator[str]:
    """Claim and lines of an 837I: an outpatient hospital visit."""
    amounts = [luck.randrange(2000, 90000) for _ in range(luck.choice((2, 3, 4, 5)))]
    yield f"CLM*PCN{mark}*{money(sum(amounts))}***13:A:1**A*Y*Y"
    yield from (f"DTP*434*RD8*{day}-{day}", "CL1*3*1*01")
    yield f"REF*D9*{luck.randrange(10**9, 10**10)}"
    yield f"HI*ABK:J0{luck.randrange(10, 99)}"
    yield "HI*ABF:E119*ABF:I10"
    yield f"NM1*71*1*SMITH*ANN****XX*{provider}"
    for line, cents in enumerate(amounts, 1):
        yield f"LX*{line}"
        code = luck.randrange(99202, 99499)
        revenue = luck.choice(("0450", "0300", "0250", "0636"))
        yield f"SV2*{revenue}*HC:{code}*{money(cents)}*UN*{luck.randrange(1, 4)}"
        yield f"DTP*472*D8*{day}"
        yield f"REF*6R*{mark[6:]}{line}"


CLAIMS = {"837P": professional_claim, "837I": institutional_claim}


def claims_of(
    kind: str,
    number: int,
    luck: random.Random,
    providers: list[str],
    *,
    subscribers: int = SUBSCRIBERS_A_SET,
) -> Iterator[str]:
    """Body of one set: a billing provider with subscribers, dependents, claims and lines."""
    yield from ("NM1*41*2*CLEARING HOUSE*****46*SUB123", "PER*IC*EDI DESK*TE*2185550100")
    yield from ("NM1*40*2*TPA*****46*TPA01", "HL*1**20*1", "PRV*BI*PXC*207Q00000X")
    yield f"NM1*85*2*CLINIC {number % 97}*****XX*{providers[number % len(providers)]}"
    yield from (f"N3*{number % 9000} LAKE RD", "N4*DULUTH*MN*558020001", "REF*EI*411111111")
    level = 1
    for index in range(subscribers):
        level += 1
        dependent = luck.random() < 0.25
        parent = level
        yield f"HL*{level}*1*22*{int(dependent)}"
        yield f"SBR*P*{'' if dependent else '18'}*GRP{luck.randrange(100, 999)}******CI"
        yield f"NM1*IL*1*ROE{luck.randrange(500)}*JOHN****MI*E{number:06d}{index:03d}"
        yield from (f"N3*{luck.randrange(9999)} OAK ST", "N4*DULUTH*MN*55803")
        yield f"DMG*D8*19{luck.randrange(40, 99)}0{luck.randrange(1, 10)}15*{luck.choice('FM')}"
        yield "NM1*PR*2*ACME WIDGETS HEALTH PLAN*****PI*TPA01"
        if dependent:
            level += 1
            yield from (f"HL*{level}*{parent}*23*0", "PAT*19", f"NM1*QC*1*ROE*AMY{index}")
            yield from ("N3*9 OAK ST", "N4*DULUTH*MN*55803", "DMG*D8*20150620*F")
        for claim in range(luck.choice((1, 1, 1, 2))):
            mark = f"{number:06d}{index:03d}{claim}"
            day = f"2026{luck.randrange(1, 13):02d}{luck.randrange(1, 29):02d}"
            yield from CLAIMS[kind](mark, day, luck, luck.choice(providers))


def members_of(number: int, luck: random.Random) -> Iterator[str]:
    """Body of one enrollment set."""
    yield from ("REF*38*GRP1001", "DTP*007*D8*20260101", "N1*P5*ACME WIDGETS*FI*411234567")
    yield "N1*IN*TPA*FI*419999999"
    for index in range(MEMBERS_A_SET):
        subscriber = index % 3 == 0
        yield f"INS*{'Y*18' if subscriber else 'N*19'}*021*28*A" + ("***FT" if subscriber else "")
        yield from (f"REF*0F*E{number:05d}{index // 3:04d}", "REF*1L*GRP1001")
        yield "DTP*356*D8*20260101"
        yield f"NM1*IL*1*DOE{luck.randrange(500)}*JANE****34*9{number % 10000:04d}{index:04d}"
        yield from (f"N3*{luck.randrange(9999)} ELM ST", "N4*EDINA*MN*55424")
        yield f"DMG*D8*19850{luck.randrange(1, 10)}12*{luck.choice('FM')}"
        yield from ("HD*021**PPO*ACME-PPO*FAM", "DTP*348*D8*20260101")


def write_input(path: Path, kind: str, size: int, *, end: str, one_set: bool) -> None:
    """A valid file of about that many bytes."""
    luck = random.Random(7)
    providers = [npi(luck) for _ in range(400)]
    group, guide = GUIDES[kind]
    written = sets = segments = level = 0
    with path.open("w", encoding="ascii", newline="") as file:

        def put(lines: list[str]) -> int:
            return file.write(end.join(lines) + end)

        put(
            [
                f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{'SUB123':15}*ZZ*{'TPA01':15}*260304*0930*^*00501*000001236*1*T*:"
            ]
        )
        put([f"GS*{group}*SUB123*TPA01*20260304*0930*1236*X*{guide}"])
        while written < size:
            if kind in CLAIMS:
                body = list(claims_of(kind, sets, luck, providers))
                first = f"BHT*0019*00*BATCH{sets}*20260304*0930*CH"
            else:
                body = list(members_of(sets, luck))
                first = f"BGN*00*ENR{sets}*20260112*0600****2"
            sets += 1
            header = [f"ST*{kind[:3]}*{sets:04d}*{guide}", first]
            if not one_set:
                written += put([*header, *body, f"SE*{len(body) + 3}*{sets:04d}"])
                continue
            if sets == 1:
                segments += len(header)
                put(header)
            else:  # hierarchy numbers run on through the one set
                body = body[3:] if kind in CLAIMS else body[4:]
            lines, level = renumbered(body, level)
            segments += len(lines)
            written += put(lines)
        if one_set:
            put([f"SE*{segments + 1}*0001"])
        put([f"GE*{1 if one_set else sets}*1236", "IEA*1*000001236"])


def renumbered(body: list[str], level: int) -> tuple[list[str], int]:
    """The body with its hierarchy numbers raised by `level`, and the last number."""
    lines = []
    last = level
    for line in body:
        if line.startswith("HL*"):
            elements = line.split("*")
            last = level + int(elements[1])
            elements[1] = str(last)
            if elements[2]:
                elements[2] = str(level + int(elements[2]))
            lines.append("*".join(elements))
        else:
            lines.append(line)
    return lines, last
