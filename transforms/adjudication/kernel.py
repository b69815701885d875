"""The walk over what has memory: visit limits, copays, deductibles, coinsurance, caps.

Everything that can be joined has been joined into integers before this point: each line carries
its allowed amount, the number of its benefit, the number of its set of limits and the numbers
(*slots*) of the accumulators it draws on. The walk takes the events of one component after the
other, in the order in which the plan decides them, and keeps one running total a slot.
The rules and their worked examples: docs/domain/adjudication.md, "Cost share of one line".

Amounts are int64 cents. Percentages are int64 millionths. Rounding is half-up, which is half away
from zero here because nothing in the walk is below zero.
"""

from collections.abc import Callable

import numba
import numpy as np
from numpy.typing import NDArray

from edi.kernels.cache import use_kernel_cache

use_kernel_cache()

Int64s = NDArray[np.int64]
Int32s = NDArray[np.int32]
Int8s = NDArray[np.int8]
Booleans = NDArray[np.bool_]

ADJUDICATE = 0
REVERSE = 1

NO_LIMIT = np.int64(2**62)
NO_SLOT = np.int32(-1)

# Columns of `line_slot` and of `limit_cents`.
PERSON_DEDUCTIBLE = 0
FAMILY_DEDUCTIBLE = 1
PERSON_OUT_OF_POCKET = 2
FAMILY_OUT_OF_POCKET = 3

MILLION = np.int64(1_000_000)


def _walk_events(
    event_order: Int64s,  # int64[e]: events in component order
    event_kind: Int8s,  # int8[e]: ADJUDICATE or REVERSE
    event_start: Int64s,  # int64[e]: first line, or first stored transaction of a reversal
    event_end: Int64s,  # int64[e]: end of that range, exclusive
    line_allowed: Int64s,  # int64[n] cents
    line_benefit: Int32s,  # int32[n]: row of the benefit_ arrays
    line_limit: Int32s,  # int32[n]: row of `limit_cents`
    line_slot: Int32s,  # int32[n, 4]
    line_copay_slot: Int32s,  # int32[n], NO_SLOT: the benefit has no copay
    line_visit_start: Int64s,  # int64[n + 1]: range of the visit_ arrays
    visit_limit_slot: Int32s,  # int32[v]: visits counted against the limit
    visit_key_slot: Int32s,  # int32[v]: 1 while this visit is counted against that limit
    visit_maximum: Int64s,  # int64[v]
    benefit_copay: Int64s,  # int64[b] cents
    benefit_deductible_applies: Booleans,  # bool[b]
    benefit_coinsurance: Int64s,  # int64[b] millionths, the member's share
    limit_cents: Int64s,  # int64[a, 4], NO_LIMIT where the plan has none
    stored_slot: Int32s,  # int32[r]
    stored_amount: Int64s,  # int64[r]
    used: Int64s,  # int64[s]: changed in place
    copay: Int64s,  # out int64[n] cents
    deductible: Int64s,  # out int64[n] cents
    coinsurance: Int64s,  # out int64[n] cents
    denied_visit: Int64s,  # out int64[n]: row of the visit_ arrays that denied the line, -1: covered
    transaction_slot: Int32s,  # out int32[t]
    transaction_event: Int64s,  # out int64[t]
    transaction_row: Int64s,  # out int64[t]: line, or stored transaction of a reversal
    transaction_amount: Int64s,  # out int64[t]
) -> int:
    """Decide the events in order; return how many transactions were written."""
    written = 0
    for position in range(event_order.shape[0]):
        event = event_order[position]
        if event_kind[event] == REVERSE:
            for stored in range(event_start[event], event_end[event]):
                slot = stored_slot[stored]
                used[slot] -= stored_amount[stored]
                transaction_slot[written] = slot
                transaction_event[written] = event
                transaction_row[written] = stored
                transaction_amount[written] = -stored_amount[stored]
                written += 1
            continue

        for line in range(event_start[event], event_end[event]):
            # A limit denies a line whose visit is not counted yet when no visit is left.
            denying = -1
            for visit in range(line_visit_start[line], line_visit_start[line + 1]):
                if (
                    used[visit_key_slot[visit]] <= 0
                    and used[visit_limit_slot[visit]] >= visit_maximum[visit]
                ):
                    denying = visit
                    break
            denied_visit[line] = denying
            if denying >= 0:
                copay[line] = 0
                deductible[line] = 0
                coinsurance[line] = 0
                continue
            for visit in range(line_visit_start[line], line_visit_start[line + 1]):
                if used[visit_key_slot[visit]] <= 0:
                    for slot in (visit_key_slot[visit], visit_limit_slot[visit]):
                        used[slot] += 1
                        transaction_slot[written] = slot
                        transaction_event[written] = event
                        transaction_row[written] = line
                        transaction_amount[written] = 1
                        written += 1

            benefit = line_benefit[line]
            limit = line_limit[line]
            left = line_allowed[line]
            room = NO_LIMIT
            for column in (PERSON_OUT_OF_POCKET, FAMILY_OUT_OF_POCKET):
                rest = limit_cents[limit, column] - used[line_slot[line, column]]
                room = min(room, max(rest, np.int64(0)))

            copay_slot = line_copay_slot[line]
            line_copay = np.int64(0)
            if copay_slot >= 0:
                due = max(benefit_copay[benefit] - used[copay_slot], np.int64(0))
                line_copay = min(due, left, room)
            left -= line_copay
            room -= line_copay

            line_deductible = np.int64(0)
            if benefit_deductible_applies[benefit]:
                line_deductible = min(left, room)
                for column in (PERSON_DEDUCTIBLE, FAMILY_DEDUCTIBLE):
                    rest = limit_cents[limit, column] - used[line_slot[line, column]]
                    line_deductible = min(line_deductible, max(rest, np.int64(0)))
            left -= line_deductible
            room -= line_deductible

            share = (left * benefit_coinsurance[benefit] + MILLION // 2) // MILLION
            line_coinsurance = min(share, room)

            copay[line] = line_copay
            deductible[line] = line_deductible
            coinsurance[line] = line_coinsurance

            if line_copay != 0:
                used[copay_slot] += line_copay
                transaction_slot[written] = copay_slot
                transaction_event[written] = event
                transaction_row[written] = line
                transaction_amount[written] = line_copay
                written += 1
            if line_deductible != 0:
                for column in (PERSON_DEDUCTIBLE, FAMILY_DEDUCTIBLE):
                    slot = line_slot[line, column]
                    used[slot] += line_deductible
                    transaction_slot[written] = slot
                    transaction_event[written] = event
                    transaction_row[written] = line
                    transaction_amount[written] = line_deductible
                    written += 1
            member = line_copay + line_deductible + line_coinsurance
            if member != 0:
                for column in (PERSON_OUT_OF_POCKET, FAMILY_OUT_OF_POCKET):
                    slot = line_slot[line, column]
                    used[slot] += member
                    transaction_slot[written] = slot
                    transaction_event[written] = event
                    transaction_row[written] = line
                    transaction_amount[written] = member
                    written += 1
    return written


def _find_components(
    event_kind: Int8s,
    event_start: Int64s,
    event_end: Int64s,
    line_slot: Int32s,
    line_copay_slot: Int32s,
    line_visit_start: Int64s,
    visit_limit_slot: Int32s,
    visit_key_slot: Int32s,
    stored_slot: Int32s,
    parent: Int32s,  # int32[s]: scratch, 0..s-1 on entry
    component: Int32s,  # out int32[e]: smallest slot of the event's component, -1: touches none
) -> None:
    """Join the slots each event touches; events of different components share no accumulator."""
    for event in range(event_kind.shape[0]):
        root = np.int32(-1)
        for row in range(event_start[event], event_end[event]):
            if event_kind[event] == REVERSE:
                count = 1
            else:
                count = 5 + 2 * (line_visit_start[row + 1] - line_visit_start[row])
            for number in range(count):
                if event_kind[event] == REVERSE:
                    slot = stored_slot[row]
                elif number < 4:
                    slot = line_slot[row, number]
                elif number == 4:
                    slot = line_copay_slot[row]
                else:
                    visit = line_visit_start[row] + (number - 5) // 2
                    slot = visit_key_slot[visit] if number % 2 else visit_limit_slot[visit]
                if slot < 0:
                    continue
                while parent[slot] != slot:
                    parent[slot] = parent[parent[slot]]
                    slot = parent[slot]
                if root < 0:
                    root = slot
                elif slot < root:
                    parent[root] = slot
                    root = slot
                elif slot > root:
                    parent[slot] = root
        component[event] = root
    for event in range(event_kind.shape[0]):
        slot = component[event]
        if slot >= 0:
            while parent[slot] != slot:
                slot = parent[slot]
            component[event] = slot


walk_events: Callable[..., int] = numba.njit(cache=True, nogil=True)(_walk_events)
find_components: Callable[..., None] = numba.njit(cache=True, nogil=True)(_find_components)
