"""Keys, bundles and manifests: the same inputs give the same names, whoever comes first."""

from datetime import date
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.manifest import Manifest, publish_stage, recorded_manifest
from transforms.night.keys import balanced_bundles, publish_value, read_value

NIGHT = date(2026, 3, 5)


def manifest(**changes: object) -> Manifest:
    fields = {
        "stage": "read",
        "scope": "file",
        "night": NIGHT,
        "inputs": ("a", "b"),
        "configuration": "c",
        "code": "d",
    }
    return Manifest(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_value_comes_back_under_the_same_key_whatever_the_order_of_its_fields(
    tmp_path: Path,
) -> None:
    first = publish_value(tmp_path, "listing", {"a": 1, "b": [2]})
    assert publish_value(tmp_path, "listing", {"b": [2], "a": 1}) == first
    assert read_value(tmp_path, first) == {"a": 1, "b": [2]}


def test_two_values_have_two_keys(tmp_path: Path) -> None:
    assert publish_value(tmp_path, "listing", [1]) != publish_value(tmp_path, "listing", [2])


@given(st.lists(st.integers(0, 1000), max_size=60), st.integers(1, 32))
def test_bundles_hold_every_name_once_and_are_never_more_than_asked(
    sizes: list[int], most: int
) -> None:
    named = [(f"f{place:03}", size) for place, size in enumerate(sizes)]
    bundles = balanced_bundles(named, most)
    assert sorted(name for bundle in bundles for name in bundle) == [name for name, _ in named]
    assert len(bundles) <= most
    assert all(bundle == sorted(bundle) for bundle in bundles)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=60), st.integers(1, 32))
def test_no_bundle_outweighs_another_by_more_than_its_largest_file(
    sizes: list[int], most: int
) -> None:
    weight = {f"f{place:03}": size for place, size in enumerate(sizes)}
    loads = [sum(weight[n] for n in b) for b in balanced_bundles(list(weight.items()), most)]
    assert max(loads) - min(loads) <= max(sizes)


def test_a_manifest_reads_back_as_it_was_written() -> None:
    assert Manifest.from_json(manifest().to_json()) == manifest()


@pytest.mark.parametrize(
    "change",
    [{"inputs": ("a",)}, {"code": "x"}, {"configuration": "x"}, {"as_of_event": 9}],
)
def test_anything_the_output_depends_on_changes_its_key(change: dict[str, object]) -> None:
    assert manifest(**change).key != manifest().key


def test_a_rerun_uses_the_manifest_recorded_first(tmp_path: Path) -> None:
    first = recorded_manifest(tmp_path, manifest())
    assert recorded_manifest(tmp_path, manifest(as_of_event=7)) == first


def test_of_two_that_record_at_once_both_use_the_same(tmp_path: Path) -> None:
    together, found = Barrier(8), []

    def propose(event: int) -> None:
        together.wait()
        found.append(recorded_manifest(tmp_path, manifest(as_of_event=event)))

    threads = [Thread(target=propose, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({m.as_of_event for m in found}) == 1


def test_an_output_is_built_once_and_carries_its_manifest(tmp_path: Path) -> None:
    built = []

    def build(folder: Path) -> None:
        built.append(folder)
        (folder / "rows.txt").write_text("rows")

    key = publish_stage(tmp_path, manifest(), build)
    assert publish_stage(tmp_path, manifest(), build) == key
    assert len(built) == 1
    assert (tmp_path / key / "rows.txt").read_text() == "rows"
    assert Manifest.from_json((tmp_path / key / "manifest.json").read_text()) == manifest()


def test_a_build_that_dies_leaves_nothing_a_reader_could_find(tmp_path: Path) -> None:
    def build(folder: Path) -> None:
        (folder / "half.txt").write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        publish_stage(tmp_path, manifest(), build)
    assert not (tmp_path / manifest().key).exists()
    assert list((tmp_path / "read").iterdir()) == []
    key = publish_stage(tmp_path, manifest(), lambda folder: (folder / "w.txt").touch())
    assert (tmp_path / key / "w.txt").exists()
