"""What readings say: a drive's own word is never enough, and no value falls between two thresholds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordi.machines.health import FAILURE_RATES, Health, assess, failure_rate

ORDER = [Health.GOOD, Health.WATCH, Health.REPAIR]
COUNTERS = st.sampled_from(sorted(FAILURE_RATES))
RAW = st.integers(0, 2**48 - 1)


def a_drive(**read: Any) -> dict[str, Any]:
    return {"drives": [{"name": "sda", "passed": True, **read}]}


def test_a_quiet_drive_is_good() -> None:
    assert assess(a_drive(reallocated=0, pending=0)).verdict == Health.GOOD


@pytest.mark.parametrize("counter", ["reallocated", "reported_uncorrect", "pending", "offline_uncorrect"])
def test_a_single_bad_sector_is_seen_although_the_drive_says_it_passed(counter: str) -> None:
    assert assess(a_drive(**{counter: 1})).verdict in (Health.WATCH, Health.REPAIR)


def test_many_reallocated_sectors_are_to_repair_although_the_drive_says_it_passed() -> None:
    found = assess(a_drive(reallocated=200))
    assert found.verdict == Health.REPAIR
    assert [(reason.code, reason.value, reason.drive) for reason in found.reasons] == [("reallocated", 200, "sda")]


def test_a_drive_that_says_it_fails_is_believed() -> None:
    assert assess(a_drive() | {"drives": [{"name": "sda", "passed": False}]}).verdict == Health.REPAIR


@given(counter=COUNTERS, raw=RAW)
def test_every_value_of_every_counter_has_a_rate(counter: str, raw: int) -> None:
    assert failure_rate(counter, raw) > 0


@given(counter=COUNTERS, low=RAW, more=RAW)
def test_a_counter_that_grows_never_makes_the_verdict_better(counter: str, low: int, more: int) -> None:
    better, worse = assess(a_drive(**{counter: low})), assess(a_drive(**{counter: low + more}))
    assert ORDER.index(worse.verdict) >= ORDER.index(better.verdict)


@given(reads=st.dictionaries(COUNTERS, RAW))
def test_a_verdict_other_than_good_always_says_why(reads: dict[str, int]) -> None:
    found = assess(a_drive(**reads))
    assert bool(found.reasons) == (found.verdict != Health.GOOD)


@pytest.mark.parametrize(
    ("read", "verdict"),
    [
        ({"critical_warning": 0, "available_spare": 100, "percentage_used": 3, "media_errors": 0}, Health.GOOD),
        ({"critical_warning": 4}, Health.REPAIR),
        ({"critical_warning": 2}, Health.WATCH),
        ({"available_spare": 20}, Health.WATCH),
        ({"available_spare": 9}, Health.REPAIR),
        ({"percentage_used": 85}, Health.WATCH),
        ({"percentage_used": 130}, Health.REPAIR),
        ({"media_errors": 1}, Health.WATCH),
    ],
)
def test_an_nvme_drive_is_judged_by_its_own_log(read: dict[str, int], verdict: Health) -> None:
    assert assess(a_drive(**read)).verdict == verdict


def test_without_a_readable_drive_nobody_says_that_all_is_well() -> None:
    assert assess({"battery": {"full": 50, "full_design": 50}}).verdict == Health.UNKNOWN
    assert assess({"drives": [{"name": "sda"}]}).verdict == Health.UNKNOWN


@pytest.mark.parametrize(
    ("full", "design", "verdict"), [(50, 50, "good"), (55, 50, "good"), (30, 50, "watch"), (10, 50, "repair")]
)
def test_a_battery_is_judged_by_the_capacity_it_lost(full: int, design: int, verdict: str) -> None:
    found = assess(a_drive() | {"battery": {"full": full, "full_design": design}})
    assert found.parts["battery"] == verdict


@pytest.mark.parametrize(
    "battery", [{}, {"full": 0, "full_design": 50}, {"full": 40, "full_design": 0}, {"percent": 80}]
)
def test_a_battery_that_does_not_say_is_not_judged(battery: dict[str, int]) -> None:
    assert "battery" not in assess(a_drive() | {"battery": battery}).parts


def test_a_full_disk_is_watched_and_is_no_repair() -> None:
    assert assess(a_drive() | {"disk_percent": 99}).verdict == Health.WATCH
