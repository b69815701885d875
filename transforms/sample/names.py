"""Invented people and organisations. Nobody here exists; see docs/domain/sample-night.md."""

FEMALE_FIRST_NAMES = (
    "ADA", "BEA", "CLIO", "DORA", "EDITH", "FAYE", "GRETA", "HILDA", "IONA", "JUNE",
    "KIRA", "LENA", "MABEL", "NORA", "OPAL", "PETRA", "QUINN", "RHEA", "SYLVA", "THEA",
)  # fmt: skip
MALE_FIRST_NAMES = (
    "ABEL", "BRAM", "CYRUS", "DEAN", "ELIAS", "FINN", "GUS", "HUGO", "IVAN", "JONAS",
    "KARL", "LEIF", "MILO", "NILS", "OTIS", "PAUL", "ROLF", "SETH", "TOBY", "WADE",
)  # fmt: skip

FIRST_SYLLABLES = (
    "AL", "BAR", "BEN", "BRIN", "CAL", "COR", "DAL", "DEL", "DOR", "EL", "FAL", "FEN", "FOR",
    "GAL", "GAR", "GLEN", "HAL", "HAR", "HOL", "IL", "JAN", "JOR", "KAL", "KEL", "KOR", "LAN",
    "LAR", "LIN", "LOR", "MAL", "MAR", "MEL", "MOR", "NAL", "NOR", "OL", "OR", "PAL", "PER",
    "POL", "RAN", "REN", "ROL", "SAL", "SEL", "SOL", "TAL", "TER", "TOR", "VAL", "VEN", "WAL",
)  # fmt: skip
MIDDLE_SYLLABLES = (
    "A", "BA", "BE", "BO", "DA", "DE", "DI", "DO", "FA", "GA", "GE", "GO", "HA", "HO", "I", "KA",
    "KE", "KI", "KO", "LA", "LE", "LI", "LO", "MA", "ME", "MI", "MO", "NA", "NE", "NI", "NO", "O",
    "PA", "PE", "RA", "RE", "RI", "RO", "SA", "SE", "SI", "SO", "TA", "TE", "TI", "TO", "VA", "VE",
)  # fmt: skip
LAST_SYLLABLES = (
    "BERG", "BY", "CROFT", "DALE", "DEN", "DER", "DON", "FELD", "FORD", "GATE", "GREN", "HAM",
    "HOLM", "HURST", "KIN", "LAND", "LER", "LEY", "LING", "LUND", "MAN", "MARK", "MER", "MONT",
    "MOOR", "NER", "NING", "QUIST", "RICK", "ROW", "SEN", "SHAW", "SKI", "SON", "STAD", "STEIN",
    "STER", "STONE", "STROM", "TON", "VALE", "VICK", "WALD", "WAY", "WELL", "WICK", "WIN", "WOOD",
)  # fmt: skip
STREETS = (
    "ASPEN LN", "BIRCH ST", "CEDAR AVE", "DOGWOOD CT", "ELM ST", "FIR ST", "GROVE RD", "HAZEL WAY",
    "IVY LN", "JUNIPER DR", "KESTREL CT", "LINDEN AVE", "MAPLE ST", "NUTMEG LN", "OAK ST",
    "PINE RD", "QUARRY RD", "RIVER RD", "SPRUCE ST", "TAMARACK TRL", "UPLAND AVE", "WILLOW WAY",
)  # fmt: skip
PLACES = (
    ("DULUTH", "MN", "55802"), ("MINNEAPOLIS", "MN", "55401"), ("EDINA", "MN", "55424"),
    ("ROCHESTER", "MN", "55901"), ("SAINT CLOUD", "MN", "56301"), ("MANKATO", "MN", "56001"),
    ("EAU CLAIRE", "WI", "54701"), ("SUPERIOR", "WI", "54880"), ("FARGO", "ND", "58102"),
    ("SIOUX FALLS", "SD", "57104"),
)  # fmt: skip

EMPLOYER_NAMES = (
    ("BRIDGEWATER", "BRIDGEWATER TOOL AND DIE"),
    ("HARBORLINE", "HARBORLINE FREIGHT"),
    ("KETTLECREEK", "KETTLE CREEK FOODS"),
    ("LONGMEADOW", "LONG MEADOW SCHOOLS"),
    ("NORTHFORGE", "NORTH FORGE STEEL"),
    ("PINEGATE", "PINEGATE PAPER"),
    ("REDSTONE", "REDSTONE HOTELS"),
    ("SILVERBAY", "SILVER BAY MARINE"),
)
SUBMITTER_NAMES = (
    ("apex", "APEX CLAIMS EXCHANGE"),
    ("birchbill", "BIRCH BILLING OFFICE"),
    ("copperhealth", "COPPER HEALTH SYSTEM"),
    ("zephyr", "ZEPHYR PRACTICE SERVICES"),
)
GROUP_PLACE_NAMES = (
    "LAKESHORE", "HILLTOP", "RIVERBEND", "EASTGATE", "WESTFIELD", "GRANITE", "PRAIRIE", "NORTHERN",
    "SOUTHSIDE", "MEADOWBROOK", "TWIN RIVERS", "IRON RANGE", "STONEBRIDGE", "CLEARWATER",
    "OAKRIDGE", "BLUFFVIEW",
)  # fmt: skip


def last_name(number: int) -> str:
    """A family name; the first 119,808 numbers give distinct ones.

    Names differ by construction, so that two people of a night never share name and birth date.
    """
    spread = (
        number * 7919 % (len(FIRST_SYLLABLES) * len(MIDDLE_SYLLABLES) * len(LAST_SYLLABLES))
    )  # 7919 is prime to the product: every number is reached once
    spread, first = divmod(spread, len(FIRST_SYLLABLES))
    last, middle = divmod(spread, len(MIDDLE_SYLLABLES))
    return FIRST_SYLLABLES[first] + MIDDLE_SYLLABLES[middle] + LAST_SYLLABLES[last]


def npi(number: int) -> str:
    """A national provider identifier of the test style 1234nnnnn with its check digit.

    The check digit is Luhn over the issuer prefix 80840 and the nine digits.
    """
    body = f"1234{number:05d}"
    total = 24  # what the prefix 80840 adds to the Luhn sum
    for position, character in enumerate(reversed(body)):
        digit = int(character)
        if position % 2 == 0:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return f"{body}{-total % 10}"


def social_security_number(number: int) -> str:
    """Nine digits of the range 900-999, which is never issued as a social security number."""
    return f"{900_000_000 + number * 7919 % 99_999_989:09d}"
