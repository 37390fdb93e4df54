"""The verbs of the record: log, events, situation, live gate and planner together."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from safepassage import dispatch
from safepassage.agreement import Language
from safepassage.claims import Standing
from safepassage.control.clock import Clock, now, running_from
from safepassage.control.files import Unreadable, Written, locate, read, shipped, write
from safepassage.dispatch import Refusal, Verdict, convoy_for
from safepassage.events import EVENTS, ClaimMade, Event, QuestionRaised, What, When, faults, misfits
from safepassage.formats.events import canonical_event, parse_event, read_events, uuid7
from safepassage.formats.operation import operation_hash
from safepassage.formats.problem import Problem, nearest
from safepassage.log import Checkpoint, Log, LogUnavailable, Receipt, Submission, open_log
from safepassage.log import Verdict as LogVerdict
from safepassage.log import verify as verify_log
from safepassage.log.bundle import read_bundle, write_bundle
from safepassage.movement import Movement, Timetable
from safepassage.operation import Operation
from safepassage.report.document import Document, as_html, as_json, as_markdown, as_pdf
from safepassage.report.situation import situation_report
from safepassage.situation import Fold, Situation, fold

OTHER_OPERATION = "Name this operation's own log; if its file was edited since, give it as it was when the log began."
RECORD = ".record.jsonl"
"""The ending of a record that ships with an example."""


class Record:
    """The events of one operation, in a log or read from a file, and the situation folded from them.

    `problems`: lines of the log that could not be read as events; they are in it all the same. `came_in`: the events
    in the order in which they came in, each with its number in the log. `clock` tells the time of the live operation;
    in a rehearsal it runs in the past, and what the log holds of later instants is not yet known. `home`: the
    operation's hash, which every event of it names.
    """

    def __init__(
        self, operation: Operation, log: Log | None = None, events: Iterable[Event] = (), clock: Clock = now
    ) -> None:
        self.operation, self.log, self._clock = operation, log, clock
        self.home = operation_hash(operation)
        self.problems: list[Problem] = []
        self.came_in: list[tuple[int, Event]] = []
        self._fold = Fold(operation)
        self._seq = 0
        self._last: datetime | None = None
        for seq, event in enumerate(sorted(events, key=lambda one: one.known), 1):
            self._take(seq, event)
        self.refresh()

    def _take(self, seq: int, event: Event) -> None:
        self._seq = seq
        self.came_in.append((seq, event))
        self._fold.take(event)
        self._last = max(filter(None, (self._last, event.happened.earliest)))

    @property
    def seq(self) -> int:
        """The number of the last line taken in."""
        return self._seq

    @property
    def rehearsed(self) -> bool:
        """Whether the clock is not the real one."""
        return self._clock is not now

    @property
    def now(self) -> datetime:
        """The time by the record's clock, in the operation's zone."""
        return self._clock().astimezone(self.operation.calendar.starts.tzinfo)

    def refresh(self) -> int:
        """Takes in what others appended since; how many events those were. Raises LogUnavailable."""
        if self.log is None:
            return 0
        taken = 0
        for entry in self.log.entries(after=self._seq):
            held = json.loads(entry.content)
            event, problems = parse_event(held["event"], file=self.log.origin, line=entry.seq)
            self._seq = entry.seq
            self.problems += problems
            if event is not None and self._belongs(event, entry.seq):
                self._take(entry.seq, replace(event, received=entry.received))
                taken += 1
        return taken

    def _belongs(self, event: Event, line: int) -> bool:
        """Whether an event of the log can be of this operation; a problem where it cannot."""
        wrong = list(misfits(event.what, self.operation))
        if event.operation != self.home:
            wrong = [f"it is of operation {event.operation[:12]}, not of this one ({self.home[:12]})"]
        for what in wrong:
            file = "" if self.log is None else self.log.origin
            self.problems.append(Problem(file=file, line=line, what=what, fix="It is in the log, and in no picture."))
        return not wrong

    @property
    def events(self) -> tuple[Event, ...]:
        """All of them, in the order in which they are folded."""
        return self._fold.events

    @property
    def instant(self) -> datetime:
        """Where `as_of` is not given: now in a live log, the last event of a record that was read from a file."""
        if self.log is None:
            return self._last if self._last is not None else self.operation.calendar.starts
        return self.now

    def situation(
        self,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        *,
        shown: Callable[[Event], bool] | None = None,
    ) -> Situation:
        """The picture as of an instant and as known at another, of those events that may be `shown` (None: all)."""
        if as_of is None and known_at is None:
            if not self.rehearsed and shown is None:
                return self._fold.situation(self.instant)
            as_of = self.instant
            known_at = as_of if self.rehearsed else None
        events = self.events if shown is None else filter(shown, self.events)
        return fold(self.operation, events, as_of=as_of or known_at or self.instant, known_at=known_at)

    def stamped(self, what: What, *, author: str, **more: Any) -> Event:
        """An event made now by this record's clock, with an id. `more`: the rest of its envelope."""
        at = self.now
        envelope: dict[str, Any] = {"happened": When.at(at), "noticed": at, **more}
        return Event(id=_id(at), operation=self.home, what=what, author=author, **envelope)

    def event_from(self, written: Mapping[str, Any], *, file: str = "<text>") -> Event:
        """An event from its JSON, with id, operation and clocks added where they are left out.

        Raises Unreadable with all that is wrong.
        """
        at = self.now
        stamp = at.isoformat(timespec="seconds")
        made = {
            "id": _id(at),
            "operation": self.home,
            "happened": {"earliest": stamp, "latest": stamp},
            "noticed": stamp,
        }
        event, problems = parse_event({**made, **written}, file=file)
        if event is None:
            raise Unreadable(problems)
        return event

    def events_from(self, path: Path | str) -> tuple[Event, ...]:
        """The events of a file of JSON lines, of this operation. Raises Unreadable with all that is wrong."""
        events = _read_events(path)
        strange = [
            Problem(
                file=str(path), line=line, what=f"it is of operation {one.operation[:12]}", fix=f"Expected {self.home}."
            )
            for line, one in enumerate(events, 1)
            if one.operation != self.home
        ]
        if strange:
            raise Unreadable(strange)
        return events

    def append(self, events: Sequence[Event]) -> tuple[Receipt, ...]:
        """Takes events into the log, each answered by itself. Raises LogUnavailable, with nothing recorded."""
        if self.log is None:
            raise LogUnavailable("this record was read from a file: name a log with --log to record into")
        received = self._clock()
        home = self.home
        agreed = {clause.id for event in self.events for clause in getattr(event.what, "clauses", ())}
        rejected: dict[int, Receipt] = {}
        taken: list[Event] = []
        for index, event in enumerate(events):
            wrong = list(faults(replace(event, received=received), self.operation, clauses=agreed))
            if event.operation != home:
                wrong.insert(0, f"it is of operation {event.operation[:12]}, not of this one ({home[:12]})")
            if wrong:
                rejected[index] = Receipt(id=event.id, answer="rejected", why="; ".join(wrong))
            else:
                taken.append(event)
        answers = self.log.append([_submission(event) for event in taken], received) if taken else ()
        if all(answer.answer == "accepted" for answer in answers) and self.log.left_at == self._seq + len(taken):
            for seq, (answer, event) in enumerate(zip(answers, taken, strict=True), self._seq + 1):
                self._take(seq, replace(event, received=answer.received))
        else:
            self.refresh()
        left = iter(answers)
        return tuple(rejected[index] if index in rejected else next(left) for index in range(len(events)))


def open_record(
    source: Path | str, place: Path | str | None = None, *, create: bool = False, clock: Clock = now
) -> Record:
    """The record of an operation: in the log at `place`, or the one that ships with an example.

    Raises Unreadable, and LogUnavailable where the log cannot be had.
    """
    operation = read(source)
    if place is not None:
        record = Record(operation, open_log(place, create=create), clock=clock)
        if record.problems and not record.came_in:
            raise Unreadable([replace(record.problems[0], fix=OTHER_OPERATION), *record.problems[1:3]])
        return record
    return Record(operation, events=_shipped(source, "Name its log with --log, such as --log operation.log."))


def _shipped(source: Path | str, fix: str) -> tuple[Event, ...]:
    """The record that ships with an example. Raises Unreadable, with what to do where there is none."""
    path = locate(source)
    beside = path.with_name(path.name.removesuffix(".toml") + RECORD)
    if path.parent != shipped() or not beside.exists():
        what = "no record of this operation ships with the package"
        raise Unreadable([Problem(file=str(source), line=1, what=what, fix=fix)])
    return _read_events(beside)


def rehearse(source: Path | str, place: Path | str, starts: datetime) -> Record:
    """The record that ships with an example in a log of its own, its clock at `starts` and running on from there.

    Each event was received when it was noticed. Raises Unreadable, and LogUnavailable where the log cannot be had.
    """
    fix = "Rehearse an example that has one, such as aleppo-2016, or open a room of its own without --rehearse."
    shipped_record = Record(read(source), events=_shipped(source, fix))
    log = open_log(place)
    for known, together in groupby((event for _, event in shipped_record.came_in), key=lambda event: event.known):
        log.append([_submission(event) for event in together], known)
    return Record(shipped_record.operation, log, clock=running_from(starts))


def _submission(event: Event) -> Submission:
    return Submission(id=event.id, parents=event.parents, content=canonical_event(event))


def _id(at: datetime) -> str:
    return uuid7(at, int.from_bytes(os.urandom(10)))


def _read_events(path: Path | str) -> tuple[Event, ...]:
    events, problems = read_events(path)
    if problems:
        raise Unreadable(problems)
    return events


# Recording


def adopt(record: Record, timetable: Timetable, *, author: str, position: str = "") -> Receipt | Refusal:
    """A timetable becomes the plan of a live operation, or every rule and clause that it does not keep now.

    Raises LogUnavailable.
    """
    decided = dispatch.adopt(record.situation(), timetable)
    if isinstance(decided, Refusal):
        return decided
    (receipt,) = record.append([record.stamped(what, author=author, position=position) for what in decided])
    return receipt


def field_value(kind: str, name: str, text: str) -> Any:
    """What a field of an event means when it is given as text: a list where it holds several, a number, or the text.

    Raises ValueError for a kind or a field that is not there.
    """
    if kind not in EVENTS:
        raise ValueError(f"{kind!r} is no kind of event. {nearest(kind, EVENTS)}")
    hints = get_type_hints(EVENTS[kind])
    hints.pop("kind", None)
    if name not in hints:
        raise ValueError(f"{name!r} is no field of {kind!r}. {nearest(name, hints)}")
    hint = hints[name]
    if get_origin(hint) is tuple:
        return text.split(",")
    if text.lstrip("-").isdigit() and hint is not str:
        return int(text)
    if text[:1] in "{[" and hint is not str:
        return json.loads(text)
    return text


# Asking


def may_depart(situation: Situation, movements: Sequence[str] = (), *, evacuation: str = "") -> Verdict:
    """GO or NO-GO for movements of the adopted plan, or for the next convoy of an evacuation. Leaves now, at `as_of`.

    Raises ValueError for a movement or evacuation that is not there.
    """
    going: list[Movement] = []
    for id in movements:
        state = situation.movements.get(id)
        planned = state.planned if state is not None else None
        if planned is None and situation.plan is not None:
            planned = next((one for one in situation.plan.movements if one.id == id), None)
        if planned is None and state is not None:
            evacuation_of = state.evacuation
            planned = replace(convoy_for(situation, evacuation_of), id=id) if evacuation_of else None
        if planned is None:
            known = [*situation.movements, *(one.id for one in (situation.plan.movements if situation.plan else ()))]
            raise ValueError(f"{id!r} is no movement of the plan or the record. {nearest(id, known)}")
        going.append(planned)
    if evacuation:
        if evacuation not in situation.operation.evacuations:
            raise ValueError(f"{evacuation!r} is no evacuation. {nearest(evacuation, situation.operation.evacuations)}")
        going.append(convoy_for(situation, evacuation))
    if not going:
        raise ValueError("name a movement, or an evacuation whose next convoy is meant")
    return dispatch.may_depart(situation, going)


def standings(situation: Situation, question: str = "") -> tuple[Standing, ...]:
    """What the claims on each question, or on one, amount to. Raises ValueError for a question that was not raised."""
    if not question:
        return situation.questions
    found = tuple(one for one in situation.questions if one.question.id == question)
    if not found:
        ids = [one.question.id for one in situation.questions]
        raise ValueError(f"{question!r} is no question of the record. {nearest(question, ids)}")
    return found


# The situation report


def checkpoint_said(record: Record) -> str:
    """The log's checkpoint in one line, signed now; empty where the record is not in a log."""
    if record.log is None:
        return ""
    checkpoint = record.log.checkpoint()
    return f"{checkpoint.origin} {checkpoint.size} {checkpoint.root.hex()}"


def situation_document(
    situation: Situation, *, language: Language = "en", checkpoint: str = "", rehearsed: bool = False
) -> Document:
    """The situation report as a document; see `situation_report`."""
    return situation_report(situation, language=language, checkpoint=checkpoint, rehearsed=rehearsed)


def document_value(document: Document) -> dict[str, Any]:
    """A document as a value of JSON."""
    value: dict[str, Any] = json.loads(as_json(document))
    return value


def write_report(document: Document, path: Path | str, *, made: datetime) -> Written:
    """Writes a document as .html, .md, .json or .pdf. Raises ValueError for another ending, and OSError."""
    path = Path(path)
    if path.suffix[1:] not in REPORTS:
        raise ValueError(f"{path}: end it with .html, .md, .json or .pdf")
    return write(path, report_content(document, path.suffix[1:], made=made))


def report_content(document: Document, ending: str, *, made: datetime) -> bytes:
    """A document as the content of a file that ends so, one of `REPORTS`."""
    if ending == "pdf":
        return as_pdf(document, made=made)
    return {"html": as_html, "md": as_markdown, "json": as_json}[ending](document).encode()


REPORTS = ("html", "pdf", "md", "json")
"""What a report can be written as."""


# Proof


def verify(record: Record, kept: Iterable[str] = ()) -> LogVerdict:
    """Holds the log against itself and against checkpoints kept elsewhere (their notes). Raises LogUnavailable."""
    if record.log is None:
        raise LogUnavailable("this record was read from a file: there is no log to verify; name one with --log")
    return verify_log(record.log, kept)


def checkpoint(record: Record) -> Checkpoint:
    """Signs the log as it is: keep the note where nobody who can write the log can reach it."""
    if record.log is None:
        raise LogUnavailable("this record was read from a file: there is no log to sign; name one with --log")
    return record.log.checkpoint()


def export(record: Record, path: Path | str, *, after: int = 0) -> None:
    """Writes the log's events beyond `after` as a signed bundle. Raises LogUnavailable, ValueError and OSError."""
    if record.log is None:
        raise LogUnavailable("this record was read from a file: there is no log to export; name one with --log")
    write_bundle(record.log, Path(path), after)


def take_in(record: Record, path: Path | str, trusted: Iterable[str]) -> tuple[Receipt, ...]:
    """Takes another post's bundle into the log. Raises BundleRefused, LogUnavailable and OSError.

    An event that is malformed or of another operation is rejected; the others are taken in.
    """
    if record.log is None:
        raise LogUnavailable("this record was read from a file: name a log with --log to take the bundle into")
    with Path(path).open("rb") as lines:
        bundle = read_bundle(lines, tuple(trusted))
    receipts: list[Receipt] = []
    events: list[Event] = []
    for id, content in bundle.events.items():
        event, problems = parse_event(content, file=str(path))
        if event is None:
            why = "; ".join(str(problem) for problem in problems)
            receipts.append(Receipt(id=id, answer="rejected", why=why))
        else:
            events.append(event)
    return (*receipts, *record.append(events))


# Walking through it


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One halt of a replay: the situation as it was known then, and what had come in since the halt before."""

    situation: Situation
    came_in: tuple[str, ...]


def replay(record: Record, *, every_minutes: int) -> Iterator[Step]:
    """The situation at regular instants from the first event to the last, each as known at that instant."""
    events = sorted(record.events, key=lambda event: (event.known, event.order))
    if not events:
        return
    length = timedelta(minutes=every_minutes)
    midnight = events[0].known.astimezone(record.operation.calendar.starts.tzinfo).replace(hour=0, minute=0, second=0)
    at = midnight + ((events[0].known - midnight) // length + 1) * length
    following = 0
    while following < len(events):
        came_in = []
        while following < len(events) and events[following].known <= at:
            came_in.append(said_of(events[following]))
            following += 1
        situation = fold(record.operation, record.events, as_of=at, known_at=at)
        yield Step(situation=situation, came_in=tuple(came_in))
        at += length


def said_of(event: Event) -> str:
    """An event in one line: what, and who says so."""
    what = event.what
    who = "" if event.source is None else f" ({event.source.origin})"
    subject = next((str(value) for name in SUBJECTS if (value := getattr(what, name, ""))), "")
    if isinstance(what, ClaimMade):
        subject = f"{what.claim.stance}: {what.claim.text}"
    elif isinstance(what, QuestionRaised):
        subject = what.question.text
    return f"{what.kind} {subject}{who}".strip()


SUBJECTS = ("movement", "road", "crossing", "clause", "agreement", "evacuation", "text", "place", "at", "on", "why")
"""What an event is about, where it says so, the first of these."""
