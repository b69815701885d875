"""What is done in a visit and what it costs: codes with invented rates, and believable visits.

Rates are dollars a unit before a network's own factor. They are invented; no fee schedule of a
real payer was used. Diagnoses are billable ICD-10-CM codes of federal fiscal year 2026.
"""

from dataclasses import dataclass
from random import Random

RATES_USD = {
    "99202": "96.10", "99203": "139.25", "99204": "207.40", "99211": "29.84", "99212": "71.50",
    "99213": "112.48", "99214": "148.11", "99215": "208.77", "99243": "137.85", "99244": "212.35",
    "99245": "268.90", "99283": "98.62", "99284": "166.13", "99285": "240.52",
    "99391": "121.15", "99392": "128.40", "99393": "127.66", "99394": "139.73", "99395": "142.66",
    "99396": "155.00", "99397": "166.82",
    "90471": "21.30", "90686": "24.85", "90715": "46.12", "90791": "196.44", "90834": "118.20",
    "90837": "171.35", "93000": "21.07", "96372": "24.16",
    "97110": "31.15", "97112": "34.60", "97140": "29.37", "97161": "108.90", "97530": "38.02",
    "36415": "8.83", "80048": "11.40", "80053": "14.49", "80061": "18.37", "81002": "4.78",
    "82947": "5.61", "83036": "13.32", "84443": "23.05", "85025": "10.66", "87804": "22.71",
    "87880": "22.92",
    "70450": "133.40", "71046": "36.91", "72148": "248.03", "73030": "41.15", "73562": "46.70",
    "73721": "262.18", "76830": "139.50", "77067": "148.86",
    "11102": "108.55", "12001": "97.40", "17000": "70.12", "20610": "68.93", "29881": "1180.33",
    "45378": "384.70", "45380": "612.90", "64721": "498.26",
    "J1100": "0.14", "J3301": "1.87", "E0114": "52.71",
}  # fmt: skip

MODIFIER_RATES_USD = {
    ("70450", "26"): "43.18",
    ("71046", "26"): "9.64",
    ("73721", "26"): "71.20",
    ("72148", "26"): "77.35",
}
"""Professional component alone: the image was taken elsewhere."""

UNLISTED_CODES_USD = {"29888": "1420.00", "L1833": "415.00"}
"""Performed, but in no fee schedule: priced by percent of charge, or by nobody."""

UNCATEGORISED_CODE = "0671T"
"""In no plan's categories."""

BUNDLING = (
    *((column1, "36415") for column1 in ("99213", "99214", "99215")),
    *((column1, "81002") for column1 in ("99213", "99214")),
    ("29881", "96372"),
    ("45380", "45378"),
)
"""Column 1 and column 2 code: beside the first the second is not paid."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What happened in one visit: place, services as (code, modifiers, units), diagnoses."""

    place_of_service_code: str
    services: tuple[tuple[str, tuple[str, ...], int], ...]
    diagnoses: tuple[str, ...]
    specialty: str


FAMILY, PEDIATRICS, INTERNAL = "207Q00000X", "208000000X", "207R00000X"
CARDIOLOGY, DERMATOLOGY, ORTHOPAEDICS = "207RC0000X", "207N00000X", "207X00000X"
EMERGENCY, SURGERY, RADIOLOGY = "207P00000X", "208600000X", "2085R0202X"
THERAPY, PSYCHOLOGY, NURSE, LABORATORY = "225100000X", "103TC0700X", "363LF0000X", "291U00000X"

GROUP_SPECIALTIES = {
    "clinic": ("MEDICAL CLINIC", FAMILY, (FAMILY, PEDIATRICS, INTERNAL)),
    "specialists": ("SPECIALISTS", ORTHOPAEDICS, (CARDIOLOGY, DERMATOLOGY, ORTHOPAEDICS)),
    "hospital": ("HOSPITAL PHYSICIANS", EMERGENCY, (EMERGENCY, SURGERY, RADIOLOGY)),
    "community": ("COMMUNITY CARE", THERAPY, (THERAPY, PSYCHOLOGY, NURSE)),
}
"""By kind of provider group: end of its name, its own taxonomy, those of its people."""

ACUTE = ("J029", "J069", "J209", "B349", "H6691", "R059", "N390", "R519", "K219")
CHRONIC = ("I10", "E119", "E785", "E039", "J45909", "F411", "R7303", "D649")
JOINT = ("M25561", "M25511", "M1711", "M5450", "M542", "M5416", "S83241A")
SKIN = ("L570", "L820", "D225", "L700")
HEART = ("I4891", "R079", "R0602", "R002")
MIND = ("F411", "F4323", "F329", "F902")
INJURY = ("S93401A", "S61411A", "S52501A", "R55", "R109", "N200")

PLAIN: tuple[str, ...] = ()


def clinic_visit(rng: Random, age: int) -> Visit:
    """Primary care: a sick visit, a check-up, a follow-up with laboratory, or telehealth."""
    specialty = PEDIATRICS if age < 16 else rng.choice((FAMILY, FAMILY, INTERNAL))
    dice = rng.random()
    if dice < 0.38:
        services = [(rng.choice(("99212", "99213", "99213", "99214", "99202")), PLAIN, 1)]
        if rng.random() < 0.65:
            services.append((rng.choice(("87880", "87804", "85025")), PLAIN, 1))
        if rng.random() < 0.15:
            services += [("96372", PLAIN, 1), ("J1100", PLAIN, rng.randint(4, 10))]
        return Visit("11", tuple(services), (rng.choice(ACUTE),), specialty)
    if dice < 0.62:
        return _check_up(rng, age, specialty)
    if dice < 0.90:
        services = [(rng.choice(("99213", "99214", "99214", "99215")), PLAIN, 1)]
        codes = ("80053", "83036", "80061", "84443", "80048")
        services += [(code, PLAIN, 1) for code in sorted(rng.sample(codes, rng.randint(2, 4)))]
        first, second = rng.sample(CHRONIC, 2)
        return Visit("11", tuple(services), (first, second), specialty)
    return Visit("10", (("99213", ("95",), 1),), (rng.choice(ACUTE + CHRONIC),), specialty)


def _check_up(rng: Random, age: int, specialty: str) -> Visit:
    limits = (
        (1, "99391"),
        (5, "99392"),
        (12, "99393"),
        (18, "99394"),
        (40, "99395"),
        (65, "99396"),
    )
    code = next((code for limit, code in limits if age < limit), "99397")
    services: list[tuple[str, tuple[str, ...], int]] = [(code, ("33",) if age >= 18 else PLAIN, 1)]
    diagnoses = ["Z0000" if age >= 18 else "Z00129"]
    if age >= 18 and rng.random() < 0.5:
        services.append(("80061", ("33",), 1))
    if rng.random() < 0.4:
        services += [("90471", ("33",), 1), ("90686", ("33",), 1)]
        diagnoses.append("Z23")
    if age >= 18 and rng.random() < 0.2:
        services.append(("99213", ("25",), 1))
        diagnoses.append(rng.choice(CHRONIC))
    return Visit("11", tuple(services), tuple(diagnoses), specialty)


def specialist_visit(rng: Random, age: int) -> Visit:
    """Heart, skin or joints: a visit or consultation, often with a test or small procedure."""
    del age
    first = rng.choice(("99203", "99204", "99213", "99213", "99214", "99243", "99244"))
    dice = rng.random()
    if dice < 0.33:
        services = [(first, PLAIN, 1), ("93000", PLAIN, 1)]
        return Visit("11", tuple(services), (rng.choice(HEART),), CARDIOLOGY)
    if dice < 0.62:
        more = rng.choice(("11102", "17000"))
        services = [(first, ("25",), 1), (more, PLAIN, 1)]
        return Visit("11", tuple(services), (rng.choice(SKIN),), DERMATOLOGY)
    services = [(first, ("25",), 1), (rng.choice(("73030", "73562")), PLAIN, 1)]
    if rng.random() < 0.4:
        services += [("20610", ("RT",), 1), ("J3301", PLAIN, 4)]
    if rng.random() < 0.1:
        services.append(("E0114", PLAIN, 1))
    return Visit("11", tuple(services), (rng.choice(JOINT),), ORTHOPAEDICS)


def hospital_visit(rng: Random, age: int) -> Visit:
    """Emergency room, imaging or surgery."""
    dice = rng.random()
    if dice < 0.35:
        services = [(rng.choice(("99283", "99284", "99284", "99285")), PLAIN, 1)]
        if rng.random() < 0.35:
            services.append(("12001", PLAIN, 1))
        if rng.random() < 0.3:
            services.append(("71046", ("26",), 1))
        return Visit("23", tuple(services), (rng.choice(INJURY),), EMERGENCY)
    if dice < 0.75:
        code = rng.choice(("70450", "72148", "73721", "71046", "76830"))
        modifiers = ("26",) if rng.random() < 0.3 and code != "76830" else PLAIN
        if age >= 40 and rng.random() < 0.25:
            return Visit("22", (("77067", ("33",), 1),), ("Z1231",), RADIOLOGY)
        return Visit("22", ((code, modifiers, 1),), (rng.choice(JOINT + INJURY),), RADIOLOGY)
    if age >= 45 and rng.random() < 0.4:
        return Visit("24", (("45378", ("33",), 1),), ("Z1211",), SURGERY)
    code, diagnosis = rng.choice((("29881", "S83241A"), ("45380", "K635"), ("64721", "G5601")))
    return Visit("24", ((code, PLAIN, 1),), (diagnosis,), SURGERY)


def community_visit(rng: Random, age: int) -> Visit:
    """Counselling, urgent care or one day of therapy; series of therapy are made apart."""
    dice = rng.random()
    if dice < 0.35:
        code = rng.choice(("90834", "90834", "90837", "90791"))
        return Visit("11", ((code, PLAIN, 1),), (rng.choice(MIND),), PSYCHOLOGY)
    if dice < 0.7 or age < 12:
        services = [(rng.choice(("99203", "99213")), PLAIN, 1)]
        if rng.random() < 0.6:
            services.append((rng.choice(("87880", "87804")), PLAIN, 1))
        return Visit("20", tuple(services), (rng.choice(ACUTE),), NURSE)
    return therapy_visit(rng)


def therapy_visit(rng: Random) -> Visit:
    """One day of physical therapy: exercises, mostly with a second service."""
    services = [("97110", PLAIN, rng.randint(1, 3))]
    if rng.random() < 0.7:
        services.append((rng.choice(("97140", "97112", "97530")), PLAIN, rng.randint(1, 2)))
    return Visit("11", tuple(services), (rng.choice(JOINT),), THERAPY)


VISITS = {
    "clinic": (0.52, clinic_visit),
    "specialists": (0.20, specialist_visit),
    "hospital": (0.13, hospital_visit),
    "community": (0.15, community_visit),
}
"""By kind of provider group: share of all visits, and what a visit there is."""
