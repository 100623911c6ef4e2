"""Groups of records from pairs, without chains."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from zhike.insight.duplicates import Pair, clusters


def pair(left: str, right: str, probability: float = 0.95) -> Pair:
    """A pair without reasons."""
    return Pair(left, right, probability, 0.0, ())


def test_records_that_all_pair_are_one_group() -> None:
    (group,) = clusters([pair("a", "b"), pair("b", "c", 0.92), pair("a", "c", 0.99)], 0.9)
    assert (group.members, group.weakest, group.density) == (("a", "b", "c"), 0.92, 1.0)


def test_pairs_below_the_threshold_do_not_count() -> None:
    assert clusters([pair("a", "b", 0.8)], 0.9) == []


def test_a_weak_bridge_does_not_join_two_groups() -> None:
    first = [pair(a, b, 0.99) for a, b in combinations("abcd", 2)]
    second = [pair(a, b, 0.99) for a, b in combinations("wxyz", 2)]
    groups = clusters([*first, *second, pair("d", "w", 0.91)], 0.9)
    assert [group.members for group in groups] == [tuple("abcd"), tuple("wxyz")]


def test_a_chain_is_broken() -> None:
    chain = [pair(f"r{n:02d}", f"r{n + 1:02d}") for n in range(30)]
    assert max(len(group.members) for group in clusters(chain, 0.9)) <= 4


def test_no_group_above_the_largest() -> None:
    crowd = [pair(a, b) for a, b in combinations("abcdefgh", 2)]
    assert max(len(group.members) for group in clusters(crowd, 0.9, largest=5)) == 5


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), st.floats(0, 1)), max_size=30
    )
)
def test_groups_are_disjoint_dense_and_do_not_hang_on_the_order(drawn: list[tuple[str, str, float]]) -> None:
    pairs = [pair(*one) for one in drawn]
    groups = clusters(pairs, 0.5)
    members = [member for group in groups for member in group.members]
    assert len(members) == len(set(members))
    assert all(group.density >= 0.5 and group.weakest >= 0.5 and len(group.members) > 1 for group in groups)
    assert clusters(pairs[::-1], 0.5) == groups
