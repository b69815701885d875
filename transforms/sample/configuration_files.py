"""Writes the configuration of a made-up night, in the same form as the example configuration."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from string import Template

from transforms.sample.catalog import BUNDLING, MODIFIER_RATES_USD, RATES_USD
from transforms.sample.names import PLACES, SUBMITTER_NAMES
from transforms.sample.scenario import (
    NETWORKS,
    WEEKDAYS,
    EmployerFrame,
    ProviderGroup,
    Scenario,
)

TEMPLATES = Path(__file__).parent / "templates"
NETWORK_FACTORS = {"LAKES": Decimal("1.00"), "PRAIRIE": Decimal("0.94")}
SCHEDULES = {"STANDARD": Decimal("1.00"), "METRO": Decimal("1.12")}
LAST_YEAR_FACTOR = Decimal("0.97")
BAA_DATE = "2024-11-14"
CLAIM_GUIDE = "005010X222A1"
ROUTING_NUMBERS = ("091000019", "071000013")

PLAN_TERMS = (
    {
        "out_percent": "60", "coinsurance": "0.20", "out_coinsurance": "0.40",
        "deductible": "500.00", "deductible_family": "1000.00",
        "maximum": "2500.00", "maximum_family": "5000.00",
        "out_deductible": "1000.00", "out_deductible_family": "2000.00",
        "out_maximum": "6000.00", "out_maximum_family": "12000.00",
        "primary_copay": "25.00", "specialist_copay": "55.00", "emergency_copay": "200.00",
        "urgent_copay": "60.00", "therapy_copay": "25.00", "therapy_visits": "10",
        "discount_on_non_covered": "true",
    },
    {
        "out_percent": "55", "coinsurance": "0.15", "out_coinsurance": "0.35",
        "deductible": "750.00", "deductible_family": "1200.00",
        "maximum": "3000.00", "maximum_family": "5500.00",
        "out_deductible": "1500.00", "out_deductible_family": "3000.00",
        "out_maximum": "7500.00", "out_maximum_family": "15000.00",
        "primary_copay": "20.00", "specialist_copay": "45.00", "emergency_copay": "250.00",
        "urgent_copay": "75.00", "therapy_copay": "30.00", "therapy_visits": "8",
        "discount_on_non_covered": "false",
    },
    {
        "out_percent": "65", "coinsurance": "0.10", "out_coinsurance": "0.30",
        "deductible": "350.00", "deductible_family": "700.00",
        "maximum": "2000.00", "maximum_family": "4000.00",
        "out_deductible": "900.00", "out_deductible_family": "1800.00",
        "out_maximum": "5000.00", "out_maximum_family": "10000.00",
        "primary_copay": "15.00", "specialist_copay": "40.00", "emergency_copay": "150.00",
        "urgent_copay": "50.00", "therapy_copay": "20.00", "therapy_visits": "12",
        "discount_on_non_covered": "true",
    },
)  # fmt: skip
"""By number of the plan over all employers, modulo three."""

RATES = (
    {
        "admin_rate": "27.40", "network_rate": "6.15", "single_rate": "58.90",
        "family_rate": "141.35", "aggregate_rate": "6.85", "broker_rate": "3.50",
    },
    {
        "admin_rate": "31.05", "network_rate": "7.20", "single_rate": "66.10",
        "family_rate": "155.45", "aggregate_rate": "7.60", "broker_rate": "4.25",
    },
)  # fmt: skip


def write_configuration(
    scenario: Scenario, folder: Path, cycles: Sequence[str] | None = None
) -> None:
    """Write employers/, employers/networks/ and partners/ below `folder`.

    Args:
        scenario: What to write.
        folder: New.
        cycles: Terms of each employer's cycle; None: all weekly, on the weekday of the night.
    """
    for employer in scenario.employers:
        weekday = WEEKDAYS[scenario.settings.night.weekday()]
        cycle = cycles[employer.index] if cycles else f"frequency: weekly, weekday: {weekday}"
        path = folder / "employers" / employer.employer_id
        _write_employer(scenario, employer, path, cycle)
    for network_id in NETWORKS:
        _write_network(scenario, network_id, folder / "employers" / "networks")
    _write_partners(scenario, folder / "partners")


def receiver_of(group: ProviderGroup) -> str:
    """Who receives a group's remittances: hospitals themselves, else the billing office."""
    return f"{group.kind}{group.index:03d}" if group.kind == "hospital" else group.partner_id


def _fill(template: str, **values: object) -> str:
    return Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(values)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _write_employer(scenario: Scenario, employer: EmployerFrame, folder: Path, cycle: str) -> None:
    settings = scenario.settings
    city, state, zip_code = PLACES[employer.index]
    values = {
        "employer_id": employer.employer_id,
        "name": employer.name,
        "tax_id": employer.tax_id,
        "group_number": employer.group_number,
        "payer_name": f"{employer.name} HEALTH PLAN",
        "street": f"{100 + employer.index} MAIN ST",
        "city": city,
        "state": state,
        "zip_code": zip_code,
        "effective": employer.plan_year_first.isoformat(),
        "cycle": cycle,
        "funding_account_id": f"{employer.employer_id}-CLAIMS",
        "account_number": f"55{employer.index:05d}",
        "second_approver_above": f"{250_000 * max(1, settings.claims // 1000)}.00",
        **RATES[employer.index % len(RATES)],
    }
    _write(folder / "agreement.yaml", _fill("agreement.yaml", **values))
    for number, plan_id in enumerate(employer.plan_ids):
        kind = plan_id.rpartition("-")[2]
        terms = PLAN_TERMS[(employer.index + 2 * number) % len(PLAN_TERMS)]
        text = _fill(
            f"plan-{kind}.yaml",
            plan_id=plan_id,
            plan_name=f"{employer.name.title()} {kind}",
            plan_year_from=employer.plan_year_first.isoformat(),
            plan_year_through=employer.plan_year_last.isoformat(),
            network_id=employer.network_id,
            timely_filing_days=employer.timely_filing_days,
            **terms,
        )
        _write(folder / "plans" / f"{plan_id}.yaml", text)
    budget = _fill(
        "budget.yaml",
        year=settings.night.year,
        claims_budget=f"{settings.claims * 500}.00",
        fixed_budget=f"{settings.members * 900}.00",
    )
    _write(folder / "budgets" / f"{settings.night.year}.yaml", budget)


def _write_network(scenario: Scenario, network_id: str, folder: Path) -> None:
    effective = date(scenario.settings.night.year - 2, 1, 1)
    lines = [
        "# A made-up provider network.",
        f"network_id: {network_id}",
        f"name: {network_id.title()} Provider Network",
        "contracts:",
    ]
    lines += [
        _contract(group, network_id, effective).rstrip("\n")
        for group in scenario.groups
        if network_id in group.network_ids
    ]
    lines.append("fee_schedules:")
    for schedule in SCHEDULES:
        name = f"{network_id}-{schedule}"
        lines.append(f"  - {{fee_schedule_id: {name}, file: {name}.csv, source: Invented}}")
        _write(folder / f"{name}.csv", _fee_schedule(scenario, network_id, schedule, effective))
    lines += ["bundling_pairs:", f"  file: {network_id}-bundling.csv", "  source: Invented", ""]
    _write(folder / f"{network_id}.yaml", "\n".join(lines))
    header = (
        "column1_code,column2_code,group_code,reason_code,remark_code,bypass_modifiers,from,through"
    )
    pairs = [f"{one},{two},CO,97,M15,59:XE:XS:XP:XU,{effective}," for one, two in BUNDLING]
    _write(folder / f"{network_id}-bundling.csv", "\n".join([header, *pairs, ""]))


def _contract(group: ProviderGroup, network_id: str, effective: date) -> str:
    schedule = f"method: fee_schedule, fee_schedule_id: {network_id}"
    pricing = {
        "clinic": f'{schedule}-STANDARD, lesser_of: true, otherwise_percent_of_charge: "62"',
        "specialists": f'{schedule}-METRO, lesser_of: true, otherwise_percent_of_charge: "57.5"',
        "hospital": f'method: percent_of_charge, percent: "{52 + group.index % 9}", lesser_of: true',
        "recovery": 'method: percent_of_charge, percent: "60", lesser_of: true',
        "community": f"{schedule}-STANDARD, lesser_of: true",
    }
    return _fill(
        "contract.yaml",
        contract_id=f"{network_id}-{group.index:04d}",
        tax_id=group.tax_id,
        npi=group.npi,
        name=group.name,
        routing_number=ROUTING_NUMBERS[group.index % len(ROUTING_NUMBERS)],
        account_number=f"770{group.index:05d}",
        receiver=receiver_of(group),
        street=group.street,
        city=group.city,
        state=group.state,
        zip_code=group.zip_code[:5],
        effective=effective.isoformat(),
        pricing=pricing[group.kind],
        source=f"Contract {network_id}-{group.index:04d}, exhibit A",
    )


def _fee_schedule(scenario: Scenario, network_id: str, schedule: str, effective: date) -> str:
    """Last year's rates to 31 December, this year's from 1 January of the night's year."""
    new_year = date(scenario.settings.night.year, 1, 1)
    factor = NETWORK_FACTORS[network_id] * SCHEDULES[schedule]
    rows = ["procedure_code,modifier,rate_usd,from,through"]
    listed = {(code, ""): rate for code, rate in RATES_USD.items()} | MODIFIER_RATES_USD
    for (code, modifier), rate in sorted(listed.items()):
        this_year = _rounded(Decimal(rate) * factor)
        last_year = _rounded(Decimal(rate) * factor * LAST_YEAR_FACTOR)
        rows.append(f"{code},{modifier},{last_year},{effective},{new_year.year - 1}-12-31")
        rows.append(f"{code},{modifier},{this_year},{new_year},")
    return "\n".join([*rows, ""])


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _write_partners(scenario: Scenario, folder: Path) -> None:
    _write(folder / "administrator.yaml", _fill("administrator.yaml"))

    def partner(partner_id: str, purpose: str, name: str, **changes: str) -> None:
        values = {
            "sender_ids": "", "receiver_ids": "", "guides": "", "content_kind": "x12",
            "employer_ids": "", "interchange": "never", "implementation": "never",
            "claims": "never",
        }  # fmt: skip
        values |= {"purpose": purpose, "partner_id": partner_id, "name": name}
        text = _fill("partner.yaml", **{**values, "baa_date": BAA_DATE, **changes})
        _write(folder / f"{partner_id}.yaml", text)

    def drops(sender: str, guide: str) -> dict[str, str]:
        return {
            "sender_ids": f'"ZZ:{sender}"',
            "receiver_ids": '"ZZ:TPA01"',
            "guides": guide,
            "interchange": "on_request_or_error",
            "implementation": "always",
            "claims": "always" if guide == CLAIM_GUIDE else "never",
        }

    partner(
        "bank", "The bank: drops deposits, takes ACH files.", "Fed Bank", content_kind="deposits"
    )
    partner(
        "approvals",
        "Answers of the plan sponsors to funding requests.",
        "Plan sponsors' approvals",
        content_kind="approvals",
    )
    receives = {"receiver_ids": '"ZZ:TPA01"'}
    partner(
        "print",
        "The print vendor: checks and paper remittances.",
        "Print vendor",
        sender_ids='"ZZ:PRINTVENDOR"',
        **receives,
    )
    for employer in scenario.employers:
        partner(
            employer.partner_id,
            "A partner that drops enrollment files.",
            f"{employer.name.title()} human resources",
            employer_ids=employer.employer_id,
            **drops(interchange_id(employer.partner_id), "005010X220A1"),
        )
    for partner_id, name in SUBMITTER_NAMES:
        partner(
            partner_id,
            "A partner that drops professional claims and receives remittances.",
            name.title(),
            **drops(interchange_id(partner_id), CLAIM_GUIDE),
        )
    for group in scenario.groups:
        receiver = receiver_of(group)
        if receiver != group.partner_id:
            partner(
                receiver,
                "A receiver of 835 remittances.",
                group.name.title(),
                sender_ids=f'"ZZ:{interchange_id(receiver)}"',
                **receives,
            )


def interchange_id(partner_id: str) -> str:
    """ISA06 of a partner: its id in capitals, at most 15 characters."""
    return partner_id.upper()[:15]
