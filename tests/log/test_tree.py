"""The mathematics of the log, against the definition of RFC 9162 written as it reads there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordi.log.tree import EMPTY, Growth, Range, consistency, extends, fold, includes, inclusion, peaks

ENTRIES = [f"{number:064x}".encode() for number in range(2000)]


def mth(entries: Sequence[bytes]) -> bytes:
    """2.1.1: the Merkle Tree Hash."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """2.1.3.1: PATH(m, D[n])."""
    if len(entries) == 1:
        return []
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: Sequence[bytes], whole: bool) -> list[bytes]:
    """2.1.4.1: SUBPROOF(m, D[n], b)."""
    if m == len(entries):
        return [] if whole else [mth(entries)]
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m <= k:
        return [*subproof(m, entries[:k], whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


def roots(ranges: list[Range]) -> list[bytes]:
    return [mth(ENTRIES[start:end]) for start, end in ranges]


def grown(size: int) -> Growth:
    tree = Growth()
    for entry in ENTRIES[:size]:
        tree.add(entry)
    return tree


def test_a_tree_that_grows_has_the_root_of_the_definition_at_every_size() -> None:
    tree = Growth()
    assert tree.root() == EMPTY == mth([])
    for size, entry in enumerate(ENTRIES[:140], start=1):
        tree.add(entry)
        assert tree.root() == mth(ENTRIES[:size])
        assert tree.size == size


def test_each_entry_completes_the_subtrees_that_end_with_it() -> None:
    tree = Growth()
    for index, entry in enumerate(ENTRIES[:70]):
        expected = []
        width = 2
        while (index + 1) % width == 0:
            expected.append(mth(ENTRIES[index + 1 - width : index + 1]))
            width *= 2
        assert tree.add(entry) == expected


def test_every_inclusion_proof_of_every_small_tree_holds_and_is_the_definition_s() -> None:
    for size in range(1, 71):
        root = mth(ENTRIES[:size])
        for index in range(size):
            proof = roots(inclusion(index, size))
            assert proof == path(index, ENTRIES[:size])
            assert includes(ENTRIES[index], index, size, proof, root)


def test_every_consistency_proof_of_every_small_tree_holds_and_is_the_definition_s() -> None:
    for new in range(1, 71):
        for old in range(1, new + 1):
            proof = roots(consistency(old, new))
            assert proof == subproof(old, ENTRIES[:new], True)
            assert extends(old, mth(ENTRIES[:old]), new, mth(ENTRIES[:new]), proof)


def test_every_range_of_a_proof_is_the_fold_of_few_complete_subtrees() -> None:
    for new in range(1, 71):
        ranges = [r for old in range(1, new + 1) for r in consistency(old, new)]
        ranges += [r for index in range(new) for r in inclusion(index, new)]
        for start, end in set(ranges):
            held = [mth(ENTRIES[n << level : (n + 1) << level]) for level, n in peaks((start, end))]
            assert fold(held) == mth(ENTRIES[start:end])


@given(st.integers(1, len(ENTRIES)), st.data())
def test_larger_trees_too(size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root = mth(ENTRIES[:size])
    assert grown(size).root() == root
    assert includes(ENTRIES[index], index, size, roots(inclusion(index, size)), root)
    assert extends(old, mth(ENTRIES[:old]), size, root, roots(consistency(old, size)))
    assert len(inclusion(index, size)) <= size.bit_length()
    assert len(consistency(old, size)) <= size.bit_length() + 1


def _mutants(proof: list[bytes]) -> list[list[bytes]]:
    """A proof with each hash changed, dropped, doubled, and each two neighbours swapped."""
    made = []
    for place, one in enumerate(proof):
        made.append([*proof[:place], bytes([one[0] ^ 1]) + one[1:], *proof[place + 1 :]])
        made.append([*proof[:place], *proof[place + 1 :]])
        made.append([*proof[:place], one, *proof[place:]])
        if place and proof[place - 1] != one:
            made.append([*proof[: place - 1], one, proof[place - 1], *proof[place + 1 :]])
    return [*made, [*proof, EMPTY]]


@given(st.integers(1, 300), st.data())
def test_no_changed_inclusion_proof_holds(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    root, entry, proof = mth(ENTRIES[:size]), ENTRIES[index], roots(inclusion(index, size))
    for mutant in _mutants(proof):
        assert not includes(entry, index, size, mutant, root)
    for other in {index - 1, index + 1, size, -1} - {index}:
        assert not includes(entry, other, size, proof, root)
    assert not includes(ENTRIES[index + 1], index, size, proof, root)
    assert not includes(entry, index, size, proof, mth(ENTRIES[: size + 1]))


@given(st.integers(1, 300), st.data())
def test_no_changed_consistency_proof_holds(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    before, after, proof = mth(ENTRIES[:old]), mth(ENTRIES[:new]), roots(consistency(old, new))
    for mutant in _mutants(proof):
        assert not extends(old, before, new, after, mutant)
    other = mth([*ENTRIES[: old - 1], b"another"])
    assert not extends(old, other, new, after, proof)
    assert not extends(old, before, new, mth([b"another", *ENTRIES[1:new]]), proof)
    assert not extends(new + 1, before, new, after, proof)
    assert not extends(0, before, new, after, proof)


@given(st.integers(2, 200), st.data())
def test_a_forked_log_has_no_proof(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    changed = data.draw(st.integers(0, old - 1))
    fork = [*ENTRIES[:changed], b"forged", *ENTRIES[changed + 1 : new]]
    proof = [mth(fork[start:end]) for start, end in consistency(old, new)]
    assert not extends(old, mth(ENTRIES[:old]), new, mth(fork), proof)


def test_the_vector_of_the_certificate_transparency_project() -> None:
    """Eight known entries, and the root that other implementations give for them."""
    entries = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
    entries.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
    tree = Growth()
    for entry in entries:
        tree.add(entry)
    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("size", [0, -1])
def test_nothing_is_in_an_empty_log(size: int) -> None:
    assert not includes(ENTRIES[0], 0, size, [], EMPTY)
