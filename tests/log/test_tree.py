"""The tree against published vectors, and its proofs against every tree that Hypothesis draws."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepassage.log import tree

LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
"""The leaves and roots that Certificate Transparency's implementations share."""
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
HASHES = [tree.leaf_hash(leaf) for leaf in LEAVES]

sizes = st.integers(min_value=1, max_value=70)


def leaves(size: int) -> list[bytes]:
    return [tree.leaf_hash(bytes([number])) for number in range(size)]


def plain_root(hashes: list[bytes]) -> bytes:
    """The definition of RFC 9162, 2.1.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + plain_root(hashes[:split]) + plain_root(hashes[split:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert tree.root(HASHES[:size]).hex() == ROOTS[size - 1]


def test_an_empty_tree_has_a_root() -> None:
    assert tree.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("index", "size", "path"),
    [
        (0, 1, []),
        (
            0,
            8,
            [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    ],
)
def test_audit_paths_are_the_published_ones(index: int, size: int, path: list[str]) -> None:
    assert [node.hex() for node in tree.inclusion(HASHES[:size], index)] == path


def test_the_proof_of_growth_from_six_to_eight_is_the_published_one() -> None:
    assert [node.hex() for node in tree.consistency(HASHES, 6)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(sizes)
def test_the_frontier_gives_the_root_of_the_definition(size: int) -> None:
    one_by_one = tree.Frontier()
    for leaf in leaves(size):
        one_by_one.push(leaf)
    assert tree.root(leaves(size)) == one_by_one.root == plain_root(leaves(size))


@given(st.data())
def test_every_leaf_is_proved_and_nothing_else_is(data: st.DataObject) -> None:
    hashes = leaves(data.draw(sizes))
    index = data.draw(st.integers(0, len(hashes) - 1))
    root, path = tree.root(hashes), tree.inclusion(hashes, index)
    assert tree.included(hashes[index], index, len(hashes), path, root)
    other = data.draw(
        st.integers(0, len(hashes) - 1).filter(lambda number: number != index) if len(hashes) > 1 else st.just(-1)
    )
    assert not tree.included(hashes[index], other, len(hashes), path, root)
    assert not tree.included(tree.leaf_hash(b"another"), index, len(hashes), path, root)
    assert not tree.included(hashes[index], index, len(hashes), (*path, root), root)
    if path:
        assert not tree.included(hashes[index], index, len(hashes), path[:-1], root)


@given(st.data())
def test_growth_is_proved_and_a_rewritten_past_is_not(data: st.DataObject) -> None:
    hashes = leaves(data.draw(sizes))
    first = data.draw(st.integers(1, len(hashes)))
    path = tree.consistency(hashes, first)
    before, after = tree.root(hashes[:first]), tree.root(hashes)
    assert tree.consistent(first, before, len(hashes), after, path)
    rewritten = list(hashes)
    rewritten[data.draw(st.integers(0, first - 1))] = tree.leaf_hash(b"another")
    assert not tree.consistent(first, before, len(hashes), tree.root(rewritten), tree.consistency(rewritten, first))
    assert not tree.consistent(first, tree.root(rewritten[:first]), len(hashes), after, path)
    assert not tree.consistent(first, before, len(hashes), after, (*path, after))
    if path:
        assert not tree.consistent(first, before, len(hashes), after, path[:-1])


@given(sizes, sizes)
def test_a_frontier_goes_on_where_it_was_put_down(size: int, more: int) -> None:
    whole, first = tree.Frontier(), tree.Frontier()
    for leaf in leaves(size):
        whole.push(leaf)
        first.push(leaf)
    second = tree.Frontier(first.size, first.subtrees)
    for leaf in leaves(more):
        whole.push(leaf)
        second.push(leaf)
    first.extend(leaves(more))
    assert (first.size, first.subtrees) == (whole.size, whole.subtrees)
    assert (second.size, second.root) == (whole.size, whole.root)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="2 full subtrees"):
        tree.Frontier(3, [b"x" * 32])
    with pytest.raises(ValueError, match="no leaf 3"):
        tree.inclusion(leaves(3), 3)
    with pytest.raises(ValueError, match="1 to 3"):
        tree.consistency(leaves(3), 4)
