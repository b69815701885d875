"""Transaction sets made from a guide's own map: everything it requires, and by luck what it allows."""

import random
from collections.abc import Iterator
from typing import Any

from edi.automaton import children
from edi.guides.places import all_nodes
from edi.guides.registry import Guide

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SET_TRAILER = "SE"
LOOPS = 0.35  # chance of a situational loop


class SetMaker:
    """Makes random sets of one guide that the guide allows.

    Args:
        guide: The guide.
        luck: Source of every choice.
        richness: Chance of a situational loop, segment or element.
    """

    def __init__(self, guide: Guide, luck: random.Random, richness: float) -> None:
        self.guide = guide
        self.luck = luck
        self.richness = richness
        self.tree = guide.load_map()
        self.codes = self.tree.ext_codes.codes
        self.numbered = {rule.segment: rule for rule in guide.numbered}
        self.loop = next(n for n in all_nodes(self.tree) if n.id == "ST_LOOP")
        self.levels: list[int] = []
        self.counter: dict[str, int] = {}

    def body(self) -> list[str]:
        """Segments of a set from ST to SE, control number 0001."""
        self.levels, self.counter = [], {}
        segments = [
            text
            for child in children(self.loop)
            for text in self.node(child)
            if not text.startswith(SET_TRAILER + "*")
        ]
        convention = self.guide.conventions[0]
        segments[0] = "*".join(["ST", self.guide.transaction_set, "0001", convention]).rstrip("*")
        return [*segments, f"SE*{len(segments) + 1}*0001"]

    def happens(self, node: Any) -> bool:
        """The node is there this time."""
        if node.usage == "R" or (not node.is_element() and getattr(node, "type", "") == "wrapper"):
            return bool(node.usage != "N")
        chance = LOOPS if node.is_loop() else self.richness
        return bool(node.usage == "S" and self.luck.random() < chance)

    def node(self, node: Any) -> Iterator[str]:
        """Segments of a loop, or a segment, as often as it stands this time."""
        if not self.happens(node):
            return
        times = 1
        while times < min(node.get_max_repeat(), 3) and self.luck.random() < self.richness / 2:
            times += 1
        for _ in range(times):
            if node.is_segment():
                yield self.segment(node)
                continue
            numbered = self.opens_level(node)
            if numbered:
                self.levels.append(0)
            for child in children(node):
                yield from self.node(child)
            if numbered:
                self.levels.pop()

    def opens_level(self, loop: Any) -> bool:
        """The loop begins with a segment that numbers a level."""
        first = children(loop)[0] if children(loop) else None
        rule = self.numbered.get(first.id) if first is not None and first.is_segment() else None
        return rule is not None and rule.kind == "hierarchy"

    def segment(self, node: Any) -> str:
        """One segment with its required and some situational elements."""
        present = {e.seq for e in node.children if self.happens(e)}
        if not present:
            present = {min(e.seq for e in node.children if e.usage != "N")}
        self.obey(node, present)
        last = max(present, default=0)
        asked = ""
        texts = []
        for element in node.children[:last]:
            text = ""
            if element.seq in present:
                text = (
                    self.composite(element)
                    if element.is_composite()
                    else self.value(element, asked)
                )
            if element.data_ele == "1250":
                asked = text
            texts.append(text)
        self.number(node, texts)
        return "*".join([node.id, *texts])

    def number(self, node: Any, texts: list[str]) -> None:
        """Give a numbered segment its number, and start a counter anew where it restarts."""
        for each in self.guide.numbered:
            if node.id == each.restarts_at:
                self.counter[each.segment] = 0
        rule = self.numbered.get(node.id)
        if rule is None:
            return
        self.counter[node.id] = self.counter.get(node.id, 0) + 1
        texts[0] = str(self.counter[node.id])
        if rule.kind == "hierarchy":
            self.levels[-1] = self.counter[node.id]
            if len(self.levels) > 1:
                texts[1] = str(self.levels[-2])

    def obey(self, node: Any, present: set[int]) -> None:
        """Add and take away elements until the relational conditions hold."""
        allowed = {e.seq for e in node.children if e.usage != "N"}
        required = {e.seq for e in node.children if e.usage == "R"}
        for _ in range(4):
            for kind, first, *others in node.syntax:
                there = {e for e in (first, *others) if e in present}
                if kind == "P" and there and len(there) <= len(others):
                    together = {first, *others}
                    if together <= allowed:
                        present |= together
                    else:
                        present -= together - required
                elif kind == "R" and not there:
                    present |= {min({first, *others} & allowed)}
                elif kind == "E" and len(there) > 1:
                    present -= there - {min(there)} - required
                elif kind in {"C", "L"} and first in present:
                    missing = set(others) - present
                    enough = not missing if kind == "C" else len(missing) < len(others)
                    if not enough and missing <= allowed:
                        present |= missing if kind == "C" else {min(missing)}
                    elif not enough:
                        present -= {first} - required

    def composite(self, composite: Any) -> str:
        """Required and some situational components."""
        asked = ""
        texts = []
        for component in composite.children:
            there = self.happens(component) or component.seq == 1
            texts.append(self.value(component, asked) if there else "")
            if component.data_ele == "1250":
                asked = texts[-1]
        return ":".join(texts).rstrip(":")

    def value(self, element: Any, asked: str) -> str:
        """A valid value; `asked` is the format a qualifier before it asks for."""
        if element.valid_codes:
            return str(self.luck.choice(element.valid_codes))
        if element.external_codes:
            listed = self.codes[element.external_codes]["codes"]
            return str(self.luck.choice(sorted(filter(None, listed))))
        data = element._resolve_data_ele()
        kind = "N0" if element.res else data["data_type"]
        if asked and element.data_ele == "1251":
            kind = asked
        shortest = 9 if element.res else data["min_len"]
        return self.typed(kind, shortest, data["max_len"])

    def typed(self, kind: str, shortest: int, longest: int) -> str:
        """A value of a data type or date format."""
        day = f"2026{self.luck.randint(1, 12):02d}{self.luck.randint(1, 28):02d}"
        fixed = {
            "D8": day,
            "D6": day[2:],
            "RD8": f"{day}-{day}",
            "DT": f"{day}1030" if longest > 8 else day if longest == 8 else day[2:],
            "TM": "1030",
        }
        if kind in fixed:
            return fixed[kind]
        if kind == "R" or kind.startswith("N"):
            length = min(longest, max(shortest, 3))
            return "".join(self.luck.choices("123456789", k=length))
        length = self.luck.randint(shortest, max(shortest, min(longest, shortest + 4)))
        return "".join(self.luck.choices(LETTERS, k=length))
