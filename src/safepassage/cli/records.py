"""The verbs of the record at the command line: what happened, who says so, may it go, what remains."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from safepassage import control
from safepassage.agreement import Language
from safepassage.claims import Source
from safepassage.cli.door import (
    NO,
    Door,
    Json,
    OperationSource,
    duration,
    instant,
    open_door,
)
from safepassage.control import Record
from safepassage.dispatch import Refusal
from safepassage.report.situation import (
    account_table,
    question_table,
    reason_lines,
    spoken,
)
from safepassage.situation import Situation

app = typer.Typer()

LogPlace = Annotated[
    str | None,
    typer.Option(
        "--log",
        metavar="LOG",
        help="The operation's log: a file, or postgresql://user@host/name. Default: the record an example ships with.",
    ),
]
AsOf = Annotated[str | None, typer.Option("--as-of", help='As of this local time: "2016-12-17 12:00". Default: now.')]
KnownAt = Annotated[str | None, typer.Option("--known-at", help="With no more than what was known at this time.")]
Tongue = Annotated[Language, typer.Option("--language", help="en or ar.")]


def _situation(record: Record, as_of: str | None, known_at: str | None) -> Situation:
    asked = {"--as-of": as_of, "--known-at": known_at}
    calendar = record.operation.calendar
    return record.situation(
        *(None if text is None else instant(calendar, text, option) for option, text in asked.items())
    )


# What happened


@app.command()
def record(
    operation: OperationSource,
    log: Annotated[
        str, typer.Option("--log", metavar="LOG", help="The log: a file (made if it is not there), or a URL.")
    ],
    kind: Annotated[str | None, typer.Argument(help='What happened, such as "departed". None: see --file.')] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A field of it: movement=m1. Repeatable.")
    ] = None,
    people: Annotated[
        list[str] | None, typer.Option(help="People: civilian=50, civilian=40-50-60, or *=500. Repeatable.")
    ] = None,
    happened: Annotated[
        str | None, typer.Option(help="When, local time; FROM/UNTIL for a stretch. Default: now.")
    ] = None,
    author: Annotated[str, typer.Option(help="Who enters it: an opaque token, no name.")] = "desk",
    position: Annotated[str, typer.Option(help="The post they speak for.")] = "",
    source: Annotated[str, typer.Option(help="The office that said it. Default: our own observation.")] = "",
    side: Annotated[str, typer.Option(help="Its side in the talks: a party's id, or un, media ...")] = "",
    via: Annotated[list[str] | None, typer.Option(help="Who passed it on. Repeatable.")] = None,
    corrects: Annotated[str, typer.Option(help="The event that this one takes the place of.")] = "",
    note: Annotated[str, typer.Option(help="A remark.")] = "",
    file: Annotated[Path | None, typer.Option(help="A file of many events, one JSON object a line.")] = None,
    value: Annotated[str | None, typer.Option("--event", metavar="JSON", help="One event as JSON.")] = None,
    plan: Annotated[
        Path | None, typer.Option(help="A timetable that is adopted as the plan, if it keeps every rule and clause.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Append what happened to an operation's log.

    From flags, from JSON, or from a file of many. Each event is answered by itself: accepted, duplicate, pending (it
    waits for another event) or rejected, with why. Exits with 1 where one was rejected.

    \b
    Examples:
      safepassage record tiny --log tiny.log departed --set movement=m1 --set at=hill
      safepassage record tiny --log tiny.log "people counted" --set stage=arrived --set movement=m1 --people civilian=98
      safepassage record tiny --log tiny.log --file events.jsonl
      safepassage record tiny --log tiny.log --plan timetable.json
    """
    with open_door(as_json) as door:
        asked = [kind is not None, file is not None, value is not None, plan is not None]
        if sum(asked) != 1:
            door.refuse(
                "say what happened: a kind with --set, or --event JSON, or --file of many, or --plan (one of them)"
            )
        subject = door.record(operation, log, create=True)
        home = subject.operation
        if plan is not None:
            _adopted(door, subject, plan, author, position)
            return
        if file is not None:
            events = list(subject.events_from(file))
        else:
            written = _written(door, kind, fields, people) if value is None else _json(door, value)
            if value is None:
                written |= {"author": author, "position": position, "corrects": corrects, "note": note}
                if source:
                    told_by = Source(origin=source, side=side, relayed_by=tuple(via or ()))
                    written["source"] = asdict(told_by)
                if happened is not None:
                    first, _, last = happened.partition("/")
                    stretch = {"earliest": first, "latest": last or first}
                    written["happened"] = {
                        end: instant(home.calendar, text, "--happened").isoformat() for end, text in stretch.items()
                    }
            events = [subject.event_from({key: one for key, one in written.items() if one != ""})]
        receipts = subject.append(events)
        for receipt in receipts:
            number = "" if receipt.seq is None else f"  {receipt.seq}"
            door.print(f"{receipt.answer}{number}  {receipt.id}" + (f"  {receipt.why}" if receipt.why else ""))
        door.answer({"receipts": [_plain(receipt._asdict()) for receipt in receipts]})
        if any(receipt.answer == "rejected" for receipt in receipts):
            raise typer.Exit(NO)


def _adopted(door: Door, subject: Record, plan: Path, author: str, position: str) -> None:
    """Adopts a timetable, or says every rule and clause that it does not keep as things stand."""
    answer = control.adopt(subject, control.read_plan(plan, subject.operation), author=author, position=position)
    if isinstance(answer, Refusal):
        for reason in answer.reasons:
            door.print(f"NOT ADOPTED  {reason.rule}: {reason.text}")
        door.answer({"adopted": False, "reasons": [_plain(asdict(reason)) for reason in answer.reasons]})
        raise typer.Exit(NO)
    door.print(f"{answer.answer}  {answer.seq or ''}  {answer.id}  {answer.why}".rstrip())
    door.answer({"adopted": answer.answer == "accepted", "receipts": [_plain(answer._asdict())]})
    if answer.answer == "rejected":
        raise typer.Exit(NO)


def _written(door: Door, kind: str | None, fields: list[str] | None, people: list[str] | None) -> dict[str, Any]:
    """An event's JSON from the flags of the command line."""
    what: dict[str, Any] = {"kind": kind}
    for one in fields or ():
        key, given, text = one.partition("=")
        if not given:
            door.refuse(f"--set {one}: write KEY=VALUE, such as --set movement=m1")
        try:
            what[key] = control.field_value(kind or "", key, text)
        except ValueError as error:
            door.refuse(f"--set {one}: {error}")
    if people:
        what["people"] = {}
        for one in people:
            group, _, text = one.partition("=")
            numbers = text.split("-")
            if not re.fullmatch(r"[^=]*=[0-9]{1,9}(-[0-9]{1,9}-[0-9]{1,9})?", one.replace(" ", "")):
                door.refuse(f"--people {one}: write GROUP=NUMBER, or GROUP=LOW-BEST-HIGH, such as civilian=40-50-60")
            low, best, high = (int(number) for number in (numbers * 3 if len(numbers) == 1 else numbers)[:3])
            what["people"][group] = {"low": low, "best": best, "high": high}
    return {"what": what}


def _json(door: Door, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        door.refuse(f"--event: this is no JSON ({error}); quote it with single quotes")
    if not isinstance(value, dict):
        door.refuse("--event: one JSON object is one event")
    return value


# The picture


@app.command()
def situation(
    operation: OperationSource,
    log: LogPlace = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    language: Tongue = "en",
    as_json: Json = False,
) -> None:
    """Say how things stand: is it moving, if not why and who says so, people, convoys, agreement, ways.

    \b
    Examples:
      safepassage situation aleppo-2016 --as-of "2016-12-17 12:00"
      safepassage situation tiny --log tiny.log --known-at "2025-03-01 09:00"
    """
    with open_door(as_json) as door:
        found = _situation(door.record(operation, log), as_of, known_at)
        document = control.situation_document(found, language=language)
        door.document(document)
        door.answer(control.document_value(document))


@app.command()
def claims(
    operation: OperationSource,
    question: Annotated[str, typer.Argument(help="One question by its id. Default: all.")] = "",
    log: LogPlace = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    language: Tongue = "en",
    as_json: Json = False,
) -> None:
    """Show the rival answers to each question: who gives them, who denies them, what they amount to.

    \b
    Example:
      safepassage claims aleppo-2016 q-stop --as-of "2016-12-17 12:00"
    """
    with open_door(as_json) as door:
        found = _situation(door.record(operation, log), as_of, known_at)
        try:
            standings = control.standings(found, question)
        except ValueError as error:
            door.refuse(str(error))
        for standing in standings:
            door.print(spoken(standing, language))
            door.tables([question_table(standing, language)])
        door.answer({"questions": [_plain(asdict(standing)) for standing in standings]})


@app.command("may-depart")
def may_depart(
    operation: OperationSource,
    movements: Annotated[list[str] | None, typer.Argument(help="Movements that would leave together, by id.")] = None,
    evacuation: Annotated[str, typer.Option(help="The next convoy of this evacuation, where no plan names one.")] = "",
    log: LogPlace = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    language: Tongue = "en",
    as_json: Json = False,
) -> None:
    """GO or NO-GO, with every reason and the reports behind it. Exits with 1 on NO-GO.

    \b
    Examples:
      safepassage may-depart aleppo-2016 --evacuation aleppo-to-idlib --as-of "2016-12-17 12:00"
      safepassage may-depart tiny m001 m002 --log tiny.log
    """
    with open_door(as_json) as door:
        found = _situation(door.record(operation, log), as_of, known_at)
        try:
            verdict = control.may_depart(found, movements or (), evacuation=evacuation)
        except ValueError as error:
            door.refuse(str(error))
        door.print(f"{'GO' if verdict.go else 'NO-GO'}  {', '.join(verdict.movements)}")
        for line in reason_lines(found, verdict.reasons, language):
            door.print(line)
        door.answer({"go": verdict.go, **_plain(asdict(verdict))})
        if not verdict.go:
            raise typer.Exit(NO)


@app.command()
def ledger(
    operation: OperationSource,
    log: LogPlace = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: Json = False,
) -> None:
    """Account for people: where they are by the reports, in ranges; who is unaccounted for; what contradicts.

    \b
    Example:
      safepassage ledger tiny --log tiny.log
    """
    with open_door(as_json) as door:
        found = _situation(door.record(operation, log), as_of, known_at)
        door.tables([account_table(found)])
        for one in found.unaccounted:
            door.print(f"UNACCOUNTED {one.movement}: {one.why}")
        for odd in found.discrepancies:
            door.print(f"cannot all be true: {odd.text}")
        door.answer(
            {
                "accounts": [
                    {"kind": account.kind, "of": account.of, **balance._asdict()}
                    for account, balance in found.accounts.items()
                ],
                "postings": [_plain(asdict(posting)) for posting in found.postings],
                "unaccounted": [_plain(asdict(one)) for one in found.unaccounted],
                "discrepancies": [_plain(asdict(one)) for one in found.discrepancies],
            }
        )


@app.command()
def report(
    operation: OperationSource,
    out: Annotated[Path, typer.Option(help="The document: .html, .pdf, .md or .json.")] = Path("situation.html"),
    log: LogPlace = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    language: Tongue = "en",
    as_json: Json = False,
) -> None:
    """Write the situation report. From the same log, HTML, Markdown and JSON are the same bytes.

    \b
    Example:
      safepassage report aleppo-2016 --as-of "2016-12-17 12:00" --out situation.pdf --language ar
    """
    with open_door(as_json) as door:
        door.expect_folder(out)
        door.spare(out, log, operation)
        subject = door.record(operation, log)
        found = _situation(subject, as_of, known_at)
        document = control.situation_document(found, language=language, checkpoint=control.checkpoint_said(subject))
        try:
            written = control.write_report(document, out, made=found.as_of)
        except ValueError as error:
            door.refuse(str(error))
        door.wrote([written])
        door.answer({"file": str(out)})


@app.command()
def replay(
    operation: OperationSource,
    log: LogPlace = None,
    every: Annotated[str, typer.Option(help="A situation every so often: 6h, 1h30m, 1d.")] = "12h",
    language: Tongue = "en",
    as_json: Json = False,
) -> None:
    """Walk through a record: what came in, and how things stood, as it was known then.

    \b
    Example:
      safepassage replay aleppo-2016 --every 12h
    """
    with open_door(as_json) as door:
        subject = door.record(operation, log)
        steps = control.replay(subject, every_minutes=duration(every, "--every"))
        shown = []
        for step in steps:
            headline = step.situation.headline
            said = headline.sentence_ar if language == "ar" else headline.sentence
            door.print(f"{step.situation.as_of:%d %b %H:%M}  {said}")
            for line in step.came_in:
                door.print(f"    {line}")
            shown.append({"as_of": step.situation.as_of.isoformat(), "headline": said, "came_in": list(step.came_in)})
        door.answer({"steps": shown})


def _plain(value: Any) -> Any:
    """A value as JSON has it: times as text, keys as text."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value


# Proof


@app.command()
def verify(
    operation: OperationSource,
    log: Annotated[str, typer.Option("--log", metavar="LOG", help="The log to verify.")],
    kept: Annotated[list[Path] | None, typer.Option(help="A checkpoint kept elsewhere, as a file. Repeatable.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Sign the log as it is and write the checkpoint here.")] = None,
    as_json: Json = False,
) -> None:
    """Hold a log against itself and against checkpoints kept elsewhere. Exits with 1 and names the first bad event.

    Without a checkpoint that was kept elsewhere, whoever has the log's key can rewrite it unseen.

    \b
    Example:
      safepassage verify tiny --log tiny.log --kept monday.checkpoint --keep tuesday.checkpoint
    """
    with open_door(as_json) as door:
        subject = door.record(operation, log)
        if keep is not None:
            door.expect_folder(keep)
            door.spare(keep, log, operation, *(kept or ()))
        verdict = control.verify(subject, [path.read_text(encoding="utf-8", errors="replace") for path in kept or ()])
        if verdict.sound:
            door.print(f"{verdict.size:,} events, nothing wrong. Root {verdict.root.hex()}")
            door.print(f"A checkpoint kept elsewhere speaks for {verdict.vouched:,} of them.")
            if keep is not None:
                door.wrote([control.write(keep, control.checkpoint(subject).note)])
        else:
            door.print(f"NOT SOUND. {verdict.first}")
        door.answer(
            {
                "sound": verdict.sound,
                "events": verdict.size,
                "root": verdict.root.hex(),
                "vouched": verdict.vouched,
                "first": None if verdict.first is None else asdict(verdict.first),
            }
        )
        if not verdict.sound:
            raise typer.Exit(NO)


@app.command("export")
def export(
    operation: OperationSource,
    log: Annotated[str, typer.Option("--log", metavar="LOG", help="The log to export.")],
    out: Annotated[Path, typer.Option(help="The bundle to write (JSON Lines, signed).")] = Path("record.bundle"),
    after: Annotated[int, typer.Option(min=0, help="Only the events beyond this number.")] = 0,
    as_json: Json = False,
) -> None:
    """Write a log's events as a signed bundle, to carry to another post.

    \b
    Example:
      safepassage export tiny --log tiny.log --out to-the-crossing.bundle
    """
    with open_door(as_json) as door:
        door.expect_folder(out)
        door.spare(out, log, operation)
        subject = door.record(operation, log)
        try:
            control.export(subject, out, after=after)
        except ValueError as error:
            door.refuse(str(error))
        assert subject.log is not None
        door.say(f"Wrote {out}")
        door.print(f"Its key, to hand over by another way: {subject.log.verifier}")
        door.answer({"file": str(out), "key": subject.log.verifier})


@app.command("import")
def take_in(
    operation: OperationSource,
    bundle: Annotated[Path, typer.Argument(help="A bundle that another post exported.")],
    log: Annotated[str, typer.Option("--log", metavar="LOG", help="The log to take it into.")],
    trust: Annotated[list[str], typer.Option(help="A key of a post that is trusted (a line). Repeatable.")],
    as_json: Json = False,
) -> None:
    """Take another post's bundle into a log: what is there stays as it is. Both posts then hold the same events.

    \b
    Example:
      safepassage import tiny to-the-crossing.bundle --log crossing.log --trust "safepassage/tiny+1f2e...+AbCd..."
    """
    with open_door(as_json) as door:
        subject = door.record(operation, log, create=True)
        receipts = control.take_in(subject, bundle, trust)
        counts = {answer: sum(one.answer == answer for one in receipts) for answer in
                  ("accepted", "duplicate", "pending", "rejected")}  # fmt: skip
        door.print(", ".join(f"{count:,} {answer}" for answer, count in counts.items()))
        for one in receipts:
            if one.answer == "rejected":
                door.print(f"rejected  {one.id}  {one.why}")
        door.answer(counts | {"receipts": [_plain(one._asdict()) for one in receipts]})
        if counts["rejected"]:
            raise typer.Exit(NO)
