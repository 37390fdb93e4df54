"""The house checks itself: what every file must open with, who may read the clock, and what nobody may name."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "safepassage"
SOURCES = sorted((ROOT / "src").rglob("*.py"))
ALL = [*SOURCES, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]

BANNED_NAMES = frozenset({
    "utils", "util", "helpers", "helper", "common", "core", "base", "manager", "service", "handler", "engine", "types",
    "misc", "controller", "processor", "data", "info",
})  # fmt: skip
PURE = ("world", "people", "fleet", "movement", "agreement", "clauses", "operation", "check", "claims", "events",
        "ledger", "situation", "dispatch")  # fmt: skip
"""Rooms of the standard library only. Those not built yet bind from the day they are."""
IMPURE = frozenset({
    "asyncio", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3",
    "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid", "zoneinfo",
})  # fmt: skip
"""Modules of the standard library that reach the clock, chance, files or other machines."""

CLOCK = {"control/clock.py"}
CHANCE = {"generate.py", "planner/improve.py", "futures/chance.py"}
SECRETS = {"web/accounts.py"}
FILE_WRITERS = ("formats/", "log/")
PRINTERS = {"cli/__init__.py", "cli/door.py", "cli/plans.py", "cli/records.py"}

CLOCK_CALLS = frozenset({
    "time.time", "time.monotonic", "time.perf_counter", "time.process_time", "time.time_ns", "time.monotonic_ns",
    "time.perf_counter_ns", "time.sleep", "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
})  # fmt: skip


def named(path: Path) -> str:
    """A source by its path in the package."""
    return path.relative_to(PACKAGE).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of such an expression; empty for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := dotted(node.value)):
        return f"{left}.{node.attr}"
    return ""


def imported(path: Path) -> Iterator[str]:
    """The modules a source imports, by their full names."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def writes(call: ast.Call) -> bool:
    """Whether a call opens a file for writing, or writes one at once."""
    name = dotted(call.func) or getattr(call.func, "attr", "")
    last = name.rpartition(".")[2]
    if last in {"write_text", "write_bytes", "NamedTemporaryFile", "mkstemp", "savez", "savez_compressed"}:
        return True
    if name in {"shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "shutil.move"}:
        return True
    if last != "open":
        return False
    given = [*call.args[(1 if name == "open" else 0) :], *(word.value for word in call.keywords if word.arg == "mode")]
    modes = [mode.value for mode in given[:1] if isinstance(mode, ast.Constant) and isinstance(mode.value, str)]
    return any(set(mode) & set("wax+") for mode in modes)


def where(path: Path, node: ast.AST) -> str:
    """A place in a source, as editors understand it."""
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def none(found: Iterable[str]) -> None:
    """Fails with all that was found, a line each."""
    found = list(found)
    assert not found, "\n" + "\n".join(found)


def room(path: Path) -> str:
    return named(path).removesuffix(".py").partition("/")[0]


def test_the_house_is_there_to_be_checked() -> None:
    assert len(SOURCES) > 50 and {room(path) for path in SOURCES} >= {"world", "clauses", "check", "planner", "cli"}


# What every file says first, and what it may be called


def test_every_file_opens_with_a_sentence_that_says_what_belongs_there() -> None:
    written = [path for path in ALL if path.stat().st_size]
    opening = {path: (ast.get_docstring(tree(path)) or "").split("\n\n")[0].rstrip() for path in written}
    none(where(path, tree(path)) for path, said in opening.items() if not said.endswith((".", "`", ":")))


def test_no_file_has_a_name_that_says_nothing() -> None:
    parts = {part for path in ALL for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not parts & BANNED_NAMES


def test_every_public_class_and_function_says_what_it_is() -> None:
    public = (
        (path, node)
        for path in SOURCES
        for node in tree(path).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    )
    none(f"{where(path, node)} {node.name}" for path, node in public if ast.get_docstring(node) is None)


# Clock, chance, files, words


def test_only_the_control_room_reads_the_clock() -> None:
    sources = [path for path in SOURCES if named(path) not in CLOCK]
    found = [where(path, call) for path in sources for call in calls(path) if dotted(call.func) in CLOCK_CALLS]
    found += [named(path) for path in sources if "time" in imported(path)]
    none(found)


def test_chance_is_drawn_in_few_places() -> None:
    sources = [path for path in SOURCES if named(path) not in CHANCE]
    found = [
        f"{named(path)} {name}"
        for path in sources
        for name in imported(path)
        if name.partition(".")[0] in {"random", "uuid"} or (name == "secrets" and named(path) not in SECRETS)
    ]
    found += [
        where(path, node)
        for path in sources
        for node in ast.walk(tree(path))
        if dotted(node).startswith(("np.random", "numpy.random"))
    ]
    none(found)


def test_where_chance_is_drawn_a_seed_is_given() -> None:
    for path in (PACKAGE / name for name in sorted(CHANCE) if (PACKAGE / name).exists()):
        makers = {"Random", "default_rng", "SeedSequence"}
        unseeded = [
            where(path, call)
            for call in calls(path)
            if dotted(call.func).rpartition(".")[2] in makers and not call.args and not call.keywords
        ]
        none(unseeded)
        arguments = {
            argument.arg
            for node in ast.walk(tree(path))
            if isinstance(node, ast.FunctionDef)
            for argument in (*node.args.args, *node.args.kwonlyargs)
        }
        assert "seed" in arguments, f"{named(path)} has no seed in any signature"


def test_only_formats_and_log_write_files() -> None:
    sources = [path for path in SOURCES if not named(path).startswith(FILE_WRITERS)]
    none(where(path, call) for path in sources for call in calls(path) if writes(call))


def test_only_the_command_line_prints() -> None:
    found = [
        where(path, call)
        for path in SOURCES
        if named(path) not in PRINTERS
        for call in calls(path)
        if dotted(call.func) == "print"
    ]
    none(found)


def test_nothing_catches_everything() -> None:
    found = [
        where(path, node)
        for path in ALL
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or dotted(node.type) in {"Exception", "BaseException"})
        and not any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
    ]
    none(found)


# The standard library only, from world up to dispatch


def test_the_rooms_below_need_nothing_but_values() -> None:
    for path in (path for path in SOURCES if room(path) in PURE):
        roots = {name.partition(".")[0] for name in imported(path)} - {"safepassage"}
        assert roots <= sys.stdlib_module_names, f"{named(path)}: {sorted(roots - sys.stdlib_module_names)}"
        assert not roots & IMPURE, f"{named(path)}: {sorted(roots & IMPURE)}"
        none(where(path, call) for call in calls(path) if dotted(call.func) == "open")


def test_values_below_are_frozen_and_named_by_keyword() -> None:
    found = [
        f"{where(path, node)} {node.name}"
        for path in SOURCES
        if room(path) in PURE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
        for decorator in map(ast.unparse, node.decorator_list)
        if "dataclass" in decorator and not ("frozen=True" in decorator and "kw_only=True" in decorator)
    ]
    none(found)


# The checks themselves: each finds what it is for


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("open(path, 'w')", True),
        ("open(path, mode='ab')", True),
        ("path.open('w')", True),
        ("path.write_text('x')", True),
        ("open(path)", False),
        ("path.open('rb')", False),
    ],
)
def test_what_counts_as_writing_a_file(text: str, caught: bool) -> None:
    (call,) = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    assert writes(call) is caught


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of one machine", "cd " + "/wor" + "k/main"),
        ("a path of one machine", '"' + "/tm" + 'p/x"'),
        ("a package index", "--index" + "-url https://example.org"),
        ("a package index", "https://" + "pyp" + "i.org/simple"),
    ],
)
def test_what_counts_as_naming_a_machine(what: str, line: str) -> None:
    assert FORBIDDEN[what].search(line)


# What no file of the project may name


FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w./-])/(?:work|tmp|root|home|opt|Users|mnt)/\w"),
    "a package index": re.compile(
        r"(?:index-url|find-links|trusted-host|https?://[^\s]*(?:pypi|pythonhosted|npmjs|/simple))", re.IGNORECASE
    ),
}
TEXTS = (
    ".py",
    ".toml",
    ".txt",
    ".md",
    ".json",
    ".j2",
    ".yml",
    ".yaml",
    ".cfg",
    ".ini",
    "Makefile",
    "run",
    ".gitignore",
)


def tracked() -> list[Path]:
    """The text files of the project: what git tracks, or all of it where there is no git."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        return [path for folder in ("src", "tests", "docs", "bench") for path in (ROOT / folder).rglob("*.*")]
    return [ROOT / name for name in listed.stdout.splitlines() if name.endswith(TEXTS)]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path != Path(__file__) and path.is_file()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]
    none(found)


def test_versions_are_pinned_exactly_and_name_no_host() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][\w.+!]*", line) for line in lines if not line.startswith("#"))


def test_everything_the_package_asks_for_is_pinned() -> None:
    def plain(name: str) -> str:
        return re.split(r"[<>=!~\[; ]", name)[0].lower().replace("_", "-")

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + project["build-system"]["requires"]
    asked += [one for extra in project["project"]["optional-dependencies"].values() for one in extra]
    pinned = {plain(line) for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()}
    assert {plain(one) for one in asked} <= pinned
