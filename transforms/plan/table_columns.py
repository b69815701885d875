"""Columns of the tables that a configuration becomes; `tables.py` fills them.

Amounts are cents, percentages and ratios millionths, days inclusive. `_key` columns are dense from 0.
"""

import pyarrow as pa

INT32, INT64, TEXT, DAY, FLAG = pa.int32(), pa.int64(), pa.string(), pa.date32(), pa.bool_()
ADJUSTMENT = [("group_code", TEXT), ("reason_code", TEXT), ("remark_code", TEXT)]

SCHEMAS: dict[str, list[tuple[str, pa.DataType]]] = {
    # One row a plan. `group_year_key`: plans that share accumulators in the same benefit year.
    "plan": [
        ("plan_key", INT32),
        ("employer_id", TEXT),
        ("plan_id", TEXT),
        ("begin_date", DAY),
        ("end_date", DAY),
        ("accumulator_group", TEXT),
        ("group_year_key", INT32),
        ("timely_filing_days", INT32),
        ("corrected_claim_days", INT32),
        ("discounts_non_covered", FLAG),
        ("out_of_network_price_key", INT32),
    ],
    # One row a network of a plan, the preferred one first.
    "plan_network": [("plan_key", INT32), ("network_order", INT32), ("network_key", INT32)],
    # One row a way to price. `schedule_key` null: a percent of charge; `percent_millionths` null: none.
    "price": [
        ("price_key", INT32),
        ("schedule_key", INT32),
        ("percent_millionths", INT64),
        ("lesser_of", FLAG),
        ("schedule_rule", TEXT),
        ("percent_rule", TEXT),
    ],
    # One row a contract and billing NPI.
    "contract": [
        ("contract_key", INT32),
        ("network_key", INT32),
        ("contract_id", TEXT),
        ("billing_tax_id", TEXT),
        ("billing_npi", TEXT),
        ("begin_date", DAY),
        ("end_date", DAY),
        ("price_key", INT32),
    ],
    "schedule_rate": [
        ("schedule_key", INT32),
        ("procedure_code", TEXT),
        ("modifier", TEXT),
        ("begin_date", DAY),
        ("end_date", DAY),
        ("rate_cents", INT64),
    ],
    "bundling_pair": [
        ("pair_key", INT32),
        ("network_key", INT32),
        ("column1_code", TEXT),
        ("column2_code", TEXT),
        *ADJUSTMENT,
        ("begin_date", DAY),
        ("end_date", DAY),
        ("rule_id", TEXT),
    ],
    "bundling_bypass": [("pair_key", INT32), ("modifier", TEXT)],
    # `category_number`: categories of one id in several plans share it.
    "category": [
        ("category_key", INT32),
        ("plan_key", INT32),
        ("category_id", TEXT),
        ("category_number", INT32),
    ],
    "exclusion": [
        ("exclusion_key", INT32),
        ("plan_key", INT32),
        *ADJUSTMENT,
        ("rule_id", TEXT),
    ],
    # One row a match of a category or an exclusion (the other key is null); `needs_` criteria all fit.
    "match": [
        ("match_key", INT32),
        ("plan_key", INT32),
        ("category_key", INT32),
        ("exclusion_key", INT32),
        ("needs_procedure", FLAG),
        ("needs_modifier", FLAG),
        ("needs_place", FLAG),
        ("needs_taxonomy", FLAG),
    ],
    # Codes from low to high that have letters where the ends have letters.
    "match_procedure": [("match_key", INT32), ("low_code", TEXT), ("high_code", TEXT)],
    "match_value": [("match_key", INT32), ("criterion", TEXT), ("value", TEXT)],
    # One row a category and network status. `copay_cents` null: none. `counts_in`: accumulators used.
    "benefit": [
        ("benefit_key", INT32),
        ("category_key", INT32),
        ("network_status", TEXT),
        ("is_covered", FLAG),
        *ADJUSTMENT,
        ("copay_cents", INT64),
        ("is_copay_by_provider", FLAG),
        ("deductible_applies", FLAG),
        ("coinsurance_millionths", INT64),
        ("counts_in", TEXT),
        ("rule_id", TEXT),
    ],
    # `limit_number`: limits of one id in several plans share it.
    "visit_limit": [
        ("limit_key", INT32),
        ("plan_key", INT32),
        ("limit_id", TEXT),
        ("limit_number", INT32),
        ("maximum", INT64),
        ("reason_code", TEXT),
        ("remark_code", TEXT),
        ("rule_id", TEXT),
    ],
    # Which limits a category counts against on which side of the network, in order.
    "category_limit": [
        ("category_key", INT32),
        ("network_status", TEXT),
        ("limit_order", INT32),
        ("limit_key", INT32),
    ],
    # The four limits of one side of a plan, for people covered alone (tier EE) or in a family.
    "accumulator_limit": [
        ("limit_row", INT32),
        ("plan_key", INT32),
        ("counts_in", TEXT),
        ("is_single", FLAG),
        ("person_deductible_cents", INT64),
        ("family_deductible_cents", INT64),
        ("person_out_of_pocket_cents", INT64),
        ("family_out_of_pocket_cents", INT64),
    ],
}
