"""The Merkle tree of RFC 9162 (2.1): roots, and proofs that an event is in the log, or that the log only grew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

Hash = bytes
EMPTY: Hash = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(content: bytes) -> Hash:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """The hash of a node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree, as the roots of its full subtrees from left to right: all that a new leaf needs to know."""

    __slots__ = ("size", "subtrees")

    def __init__(self, size: int = 0, subtrees: Sequence[Hash] = ()) -> None:
        if size < 0 or len(subtrees) != size.bit_count() or any(len(subtree) != 32 for subtree in subtrees):
            raise ValueError(f"a tree of {size} leaves has {max(size, 0).bit_count()} full subtrees of 32 bytes each")
        self.size = size
        self.subtrees = list(subtrees)

    def push(self, leaf: Hash) -> None:
        """Adds one leaf."""
        node, full = leaf, self.size
        while full & 1:
            node = node_hash(self.subtrees.pop(), node)
            full >>= 1
        self.subtrees.append(node)
        self.size += 1

    def extend(self, leaves: Iterable[Hash]) -> None:
        """Adds many leaves, level by level, which is several times as quick."""
        nodes, before = list(leaves), self.size
        if len(nodes) == 1:
            self.push(nodes[0])
            return
        self.size += len(nodes)
        kept: list[Hash] = []
        while nodes or before:
            if before & 1:
                nodes.insert(0, self.subtrees.pop())
            if len(nodes) & 1:
                kept.append(nodes.pop())
            nodes = [node_hash(left, right) for left, right in zip(nodes[::2], nodes[1::2], strict=True)]
            before >>= 1
        self.subtrees = kept[::-1]

    @property
    def root(self) -> Hash:
        """The root of the tree as it stands."""
        if not self.subtrees:
            return EMPTY
        node = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            node = node_hash(left, node)
        return node


def root(leaves: Iterable[Hash]) -> Hash:
    """The root over these leaf hashes."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root


def _split(size: int) -> int:
    """The largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def inclusion(leaves: Sequence[Hash], index: int) -> tuple[Hash, ...]:
    """The audit path of the leaf at an index (from 0), from the leaf up."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"no leaf {index} in a tree of {len(leaves)}")
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    if index < split:
        return (*inclusion(leaves[:split], index), root(leaves[split:]))
    return (*inclusion(leaves[split:], index - split), root(leaves[:split]))


def consistency(leaves: Sequence[Hash], first: int) -> tuple[Hash, ...]:
    """The proof that the tree over all these leaves extends the tree over the first so many."""
    if not 0 < first <= len(leaves):
        raise ValueError(f"a tree of {len(leaves)} leaves extends trees of 1 to {len(leaves)}, not of {first}")
    return _subproof(leaves, first, whole=True)


def _subproof(leaves: Sequence[Hash], first: int, *, whole: bool) -> tuple[Hash, ...]:
    if first == len(leaves):
        return () if whole else (root(leaves),)
    split = _split(len(leaves))
    if first <= split:
        return (*_subproof(leaves[:split], first, whole=whole), root(leaves[split:]))
    return (*_subproof(leaves[split:], first - split, whole=False), root(leaves[:split]))


def included(leaf: Hash, index: int, size: int, path: Sequence[Hash], claimed: Hash) -> bool:
    """Whether an audit path proves a leaf at an index (from 0) of a tree of that size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, node = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == claimed


def consistent(first: int, first_root: Hash, second: int, second_root: Hash, path: Sequence[Hash]) -> bool:
    """Whether a proof shows that the second tree extends the first (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    nodes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not nodes:
        return False
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    small = large = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            small, large = node_hash(node, small), node_hash(node, large)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            large = node_hash(large, node)
        place, last = place >> 1, last >> 1
    return last == 0 and small == first_root and large == second_root
