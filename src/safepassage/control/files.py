"""Opening and writing files: operations, and documents whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from safepassage.formats.operation import read_operation
from safepassage.formats.problem import Problem, nearest
from safepassage.formats.writing import write_whole
from safepassage.operation import Operation


class Unreadable(ValueError):
    """A file that cannot be used, and everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def examples() -> tuple[str, ...]:
    """The names of the operations that ship with the package."""
    return tuple(sorted(path.stem for path in shipped().iterdir() if path.suffixes == [".toml"]))


def locate(source: Path | str) -> Path:
    """The file behind a path, or behind the name of a shipped example. A file of that name goes first."""
    path = Path(source)
    if not path.exists() and str(source) in examples():
        return shipped() / f"{source}.toml"
    return path


def shipped() -> Path:
    """The folder of what ships with the package."""
    return Path(str(files("safepassage") / "examples"))


def read(source: Path | str, *, warned: Callable[[Problem], None] | None = None) -> Operation:
    """The operation of a file, or of a shipped example by its name. `warned` hears of what is doubtful in it.

    Raises Unreadable with all that is wrong.
    """
    path = locate(source)
    operation, problems = read_operation(path)
    if path != Path(source):
        problems = tuple(replace(problem, file=str(source)) for problem in problems)
    elif not path.exists() and path.suffix != ".toml" and path.parent == Path():
        what, fix = "there is no such file and no example of that name", nearest(str(source), examples())
        raise Unreadable([Problem(file=str(source), line=1, what=what, fix=fix)])
    if operation is None:
        raise Unreadable(problems)
    for problem in problems:
        if warned is not None:
            warned(problem)
    return operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that was written, and whether there was one of that name before."""

    path: Path
    replaced: bool


def write(path: Path | str, content: str | bytes) -> Written:
    """Writes a document whole or not at all. Raises OSError."""
    path = Path(path)
    replaced = path.exists()
    write_whole(path, content.encode() if isinstance(content, str) else content)
    return Written(path=path, replaced=replaced)
