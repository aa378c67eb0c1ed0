"""Windows 11 and plain uses: three answers, from what is known and nothing else."""

from __future__ import annotations

import pytest

from ordi.machines.checks import Check, Result
from ordi.machines.fitted import Fitted
from ordi.machines.good_for import good_for
from ordi.machines.windows11 import GIB, Answer, processor_listed, windows_11

FIT = Fitted(tpm=2, uefi=True, cores=4)


@pytest.mark.parametrize(
    ("processor", "listed"),
    [
        ("Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz", "yes"),
        ("Intel(R) Core(TM) i5-7500 CPU @ 3.40GHz", "no"),
        ("Intel(R) Core(TM) i7-6600U CPU @ 2.60GHz", "no"),
        ("Intel(R) Core(TM) i5 CPU M 520 @ 2.40GHz", "no"),
        ("11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz", "yes"),
        ("13th Gen Intel(R) Core(TM) i5-13400", "yes"),
        ("Intel(R) Core(TM) i7-10510U CPU @ 1.80GHz", "yes"),
        ("Intel(R) Core(TM) Ultra 5 125U", "yes"),
        ("Intel(R) Core(TM) i7-7820HQ CPU @ 2.90GHz", "yes"),
        ("Intel(R) Core(TM)2 Duo CPU E8400 @ 3.00GHz", "no"),
        ("Intel(R) Pentium(R) Silver N5000 CPU @ 1.10GHz", "yes"),
        ("Intel(R) Pentium(R) CPU G3220 @ 3.00GHz", "no"),
        ("Intel(R) Celeron(R) N4020 CPU @ 1.10GHz", "yes"),
        ("Intel(R) Celeron(R) CPU N3060 @ 1.60GHz", "no"),
        ("Intel(R) N100", "yes"),
        ("Intel(R) Xeon(R) CPU E5-2620 v4 @ 2.10GHz", "no"),
        ("AMD Ryzen 5 PRO 4650U with Radeon Graphics", "yes"),
        ("AMD Ryzen 5 3500U with Radeon Vega Mobile Gfx", "yes"),
        ("AMD Ryzen 5 2600 Six-Core Processor", "yes"),
        ("AMD Ryzen 5 2500U with Radeon Vega Mobile Gfx", "no"),
        ("AMD Ryzen 7 1700 Eight-Core Processor", "no"),
        ("AMD A8-7410 APU with AMD Radeon R5 Graphics", "no"),
        ("AMD Phenom(tm) II X4 955 Processor", "no"),
        ("Zhaoxin KX-6640MA", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_processor_is_listed_refused_or_not_known(processor: str, listed: str) -> None:
    assert processor_listed(processor) == listed


def test_all_five_make_a_yes_one_no_makes_a_no_and_silence_makes_neither() -> None:
    told = windows_11("Intel Core i5-8350U", 8 * GIB, 256 * 10**9, FIT)
    assert (told.answer, set(told.terms.values())) == (Answer.YES, {Answer.YES})
    assert windows_11("Intel Core i5-7500", 8 * GIB, 256 * 10**9, FIT).answer == Answer.NO
    assert windows_11("Intel Core i5-8350U", 2 * GIB, 256 * 10**9, FIT).terms["memory"] == Answer.NO
    assert windows_11("Intel Core i5-8350U", 8 * GIB, 32 * 10**9, FIT).terms["drive"] == Answer.NO
    assert windows_11("Intel Core i5-8350U", 8 * GIB, 256 * 10**9, Fitted()).answer == Answer.UNKNOWN
    assert windows_11("Intel Core i5-8350U", round(3.8 * GIB), None, FIT).answer == Answer.UNKNOWN


def test_a_chip_that_is_not_shown_may_be_off_and_an_old_one_is_a_no() -> None:
    assert windows_11("", None, None, Fitted(tpm=0)).terms["tpm"] == Answer.UNKNOWN
    assert windows_11("", None, None, Fitted(tpm=1)).terms["tpm"] == Answer.NO


def test_each_use_says_what_it_lacks() -> None:
    found = {Check.SOUND: Result.GOOD, Check.CAMERA: Result.ABSENT, Check.MICROPHONE: Result.GOOD}
    told = {one.use: one for one in good_for(4 * GIB, False, FIT, found)}
    assert (told["office"].answer, told["school"].answer) == (Answer.YES, Answer.YES)
    assert (told["video"].answer, told["video"].terms) == (Answer.NO, ("camera",))
    assert (told["games"].answer, told["games"].terms) == (Answer.NO, ("memory", "flash"))


def test_what_nobody_tried_is_not_known() -> None:
    told = {one.use: one for one in good_for(8 * GIB, True, FIT, {})}
    assert (told["pictures"].answer, told["video"].answer) == (Answer.YES, Answer.UNKNOWN)
    assert told["school"].terms == ("sound",)
