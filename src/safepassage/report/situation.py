"""The situation report: what is known, as a document. The same situation gives the same words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from safepassage.agreement import Language
from safepassage.claims import OTHER, Standing, Statement
from safepassage.dispatch import Reason
from safepassage.events import AidDelivered, OpinionStated, TalksHeld
from safepassage.ledger import Range, Reconciled
from safepassage.report.document import Document, Part
from safepassage.report.tables import Table
from safepassage.report.terms import STAGES, STATES, Term, Words
from safepassage.situation import MovementState, Situation, Word

MOVEMENTS_MOST = 40
"""Convoys listed by name; the others are counted."""

TERMS: Mapping[str, Term] = {
    "report": Term("Situation report", "تقرير الموقف"),
    "as of": Term("As of", "الموقف في"),
    "known at": Term("as known at", "كما كان معروفًا في"),
    "all known": Term("with all that came in since", "مع كل ما ورد بعد ذلك"),
    "at least": Term("at least {}", "{} على الأقل"),
    "rehearsal": Term(
        "REHEARSAL: the clock is not the real one, and nothing of this is happening.",
        "تمرين: الساعة ليست الساعة الحقيقية، ولا شيء من هذا يحدث الآن.",
    ),
    "sensitive": Term(
        "Restricted: give it only to those who need it. No future departure times are in it.",
        "مقيّد: لا يُعطى إلا لمن يحتاج إليه. لا يتضمن مواعيد مغادرة مقبلة.",
    ),
    "why": Term("What stopped it, and who says what", "ما الذي أوقفها، ومن يقول ماذا"),
    "resume": Term("What would have to happen to go on", "ما الذي يجب أن يحدث للاستئناف"),
    "people": Term("People", "الأشخاص"),
    "evacuation": Term("Evacuation", "عملية الإجلاء"),
    "demanded": Term("to leave", "المطلوب إجلاؤهم"),
    "waiting": Term("waiting", "في الانتظار"),
    "aboard": Term("aboard", "على متن المركبات"),
    "out": Term("out", "خرجوا"),
    "arrived people": Term("arrived", "وصلوا"),
    "by group": Term("Out, by group and by destination", "الخارجون حسب الفئة والوجهة"),
    "of whom": Term("of whom", "منهم"),
    "unsplit": Term("groups not told apart", "دون تمييز الفئات"),
    "published": Term("Counts that others gave, side by side", "أعداد أعلنها آخرون، جنبًا إلى جنب"),
    "when": Term("when", "متى"),
    "who": Term("who says so", "القائل"),
    "what": Term("what", "ماذا"),
    "count": Term("count", "العدد"),
    "unaccounted": Term("Unaccounted", "مجهولو المصير"),
    "convoys": Term("Convoys on the way", "القوافل في الطريق"),
    "convoy": Term("convoy", "القافلة"),
    "state": Term("state", "الحال"),
    "at": Term("at", "المكان"),
    "since": Term("since", "منذ"),
    "minutes aboard": Term("minutes aboard", "دقائق على المتن"),
    "alarm": Term("alarm", "إنذار"),
    "others": Term("{} more convoys are under way.", "و{} قوافل أخرى في الطريق."),
    "agreement": Term("The agreement", "الاتفاق"),
    "clause": Term("clause", "البند"),
    "sentence": Term("what it says", "نصه"),
    "room": Term("room for", "متسع لـ"),
    "balance": Term("Balance of linked evacuations", "توازن عمليات الإجلاء المترابطة"),
    "sides": Term("sides", "الطرفان"),
    "shares": Term("shares out", "نسبة الخارجين"),
    "ahead": Term("ahead by", "فارق التقدم"),
    "tolerance": Term("agreed at most", "الحد المتفق عليه"),
    "ways": Term("Roads and crossings", "الطرق والمعابر"),
    "segment": Term("road or crossing", "الطريق أو المعبر"),
    "age": Term("news of", "عمر الخبر"),
    "hours ago": Term("{} h ago", "قبل {} ساعة"),
    "old": Term("{} h ago: old", "قبل {} ساعة: خبر قديم"),
    "never": Term("nothing heard", "لا أخبار"),
    "consents": Term("Consents", "الموافقات"),
    "party": Term("party", "الطرف"),
    "until": Term("until", "حتى"),
    "control": Term("Who holds which place", "من يسيطر على أي مكان"),
    "holder": Term("held by", "يسيطر عليه"),
    "file": Term("the operation file", "ملف العملية"),
    "incidents": Term("Incidents not said to be over", "حوادث لم يُعلن انتهاؤها"),
    "contested questions": Term("Questions that are contested", "مسائل متنازع عليها"),
    "other questions": Term("Other questions", "مسائل أخرى"),
    "aside": Term("Said of other things", "أقوال في أمور أخرى"),
    "demands": Term("Demands and conditions", "مطالب وشروط"),
    "discrepancies": Term("Reports that cannot all be true", "تقارير لا يمكن أن تصح كلها"),
    "plan": Term("Plan against actual", "المخطط والفعلي"),
    "planned by now": Term("convoys planned to have left by now", "قوافل كان مقررًا أن تغادر حتى الآن"),
    "left by now": Term("of them have left", "غادر منها"),
    "planned out": Term("people planned to be out by now", "أشخاص كان مقررًا خروجهم حتى الآن"),
    "really out": Term("people out", "أشخاص خرجوا"),
    "talks": Term("Talks, aid, opinions", "محادثات ومساعدات وآراء"),
    "next": Term("Next steps", "الخطوات التالية"),
    "says": Term("{} says", "يقول {}"),
    "opinion": Term("opinion of {}", "رأي {}"),
    "author": Term("our observer", "مراقبنا"),
    "events": Term("Folded from {} events.", "مستخلص من {} حدثًا."),
    "checkpoint": Term("Log checkpoint", "نقطة تحقق السجل"),
    "unreviewed": Term("", "الترجمة العربية لم يراجعها ناطق بالعربية."),
    "not moving": Term("No consent is missing and no road is reported shut.", "لا تنقص موافقة ولا يُبلَّغ عن طريق مقطوع."),
    "missing consents": Term("Consents to be had: {}.", "موافقات لازمة: {}."),
}
"""The words of the report beside those for states."""


def situation_report(
    situation: Situation, *, language: Language = "en", checkpoint: str = "", rehearsed: bool = False
) -> Document:
    """The situation at its instant as a document. `checkpoint`: the log's, printed at the foot; `rehearsed`: it says at
    its head that nothing of it is happening.
    """
    return _Writer(situation, language).document(checkpoint, rehearsed)


def ranged(people: Range | None) -> str:
    """`1,250`, `1,250 (1,200–1,300)`, or a question mark where it is not known."""
    if people is None:
        return "?"
    if people.low == people.high:
        return f"{people.best:,}"
    return f"{people.best:,} ({people.low:,}–{people.high:,})"


class _Writer:
    """One report under way, in one language."""

    def __init__(self, situation: Situation, language: Language) -> None:
        self.situation, self.language = situation, language
        self.say = Words(language, STATES, TERMS)
        self.theatre = situation.operation.theatre

    def name(self, id: str) -> str:
        return self.theatre.name(id, self.language)

    def time(self, when: datetime | None) -> str:
        return "" if when is None else self.say.time(when.astimezone(self.situation.operation.calendar.starts.tzinfo))

    @property
    def zone(self) -> str:
        return self.say.zone(self.situation.as_of.astimezone(self.situation.operation.calendar.starts.tzinfo))

    def speakers(self, words: Sequence[Word]) -> str:
        return self.say.listed(dict.fromkeys(word.says or self.say("author") for word in words))

    def document(self, checkpoint: str, rehearsed: bool) -> Document:
        situation = self.situation
        known = (
            self.say("all known")
            if situation.known_at is None
            else f"{self.say('known at')} {self.time(situation.known_at)}"
        )
        foot = [
            self.say("events", f"{len(situation.events):,}"),
            f"{self.say('checkpoint')}: {checkpoint}" if checkpoint else "",
            self.say("unreviewed"),
        ]
        headline = situation.headline
        return Document(
            language=self.language,
            kind=self.say("report"),
            title=situation.operation.name,
            headline=headline.said(self.language),
            under=tuple(
                said
                for said in (
                    headline.alarm_said(self.language),
                    f"{self.say('as of')} {self.time(situation.as_of)} ({self.zone}), {known}.",
                )
                if said
            ),
            parts=tuple(part for part in self.parts() if not part.empty),
            foot=tuple(said for said in foot if said),
            sensitive=" ".join([*([self.say("rehearsal")] if rehearsed else []), self.say("sensitive")]),
        )

    def parts(self) -> Iterable[Part]:
        yield self.unaccounted()
        yield self.why()
        yield Part(title=self.say("resume"), sentences=self.situation.headline.to_resume_said(self.language))
        yield self.people()
        yield self.convoys()
        yield self.agreement()
        yield self.ways()
        yield self.consents()
        yield self.control()
        yield self.incidents()
        yield self.contested()
        yield self.other_questions()
        yield self.demands()
        yield self.aside()
        yield self.discrepancies()
        yield self.plan()
        yield self.talks()
        yield self.next_steps()

    def unaccounted(self) -> Part:
        return Part(
            title=self.say("unaccounted"),
            alarm=True,
            sentences=tuple(
                f"{one.movement}: {ranged(one.people)}. {one.why} ({self.say('since')} {self.time(one.since)})"
                for one in self.situation.unaccounted
            ),
        )

    def why(self) -> Part:
        standing = self.situation.headline.why
        if standing is None:
            return Part(title=self.say("why"))
        return Part(title=self.say("why"), sentences=(standing.said(self.language), *self.answers(standing)))

    def answers(self, standing: Standing) -> tuple[str, ...]:
        return tuple(answer.said(self.language) for answer in standing.answers)

    def people(self) -> Part:
        rows, split = [], []
        for id, people in self.situation.people.items():
            name = self.name(id)
            row = (people.waiting, people.aboard, people.out, people.arrived)
            rows.append((name, f"{people.demanded:,}", *map(ranged, row)))
            for key, count in (*people.by_group.items(), *people.by_destination.items()):
                if count.high:
                    split.append((name, self.say("unsplit") if key == "*" else self.name(key), ranged(count)))
        columns = tuple(map(self.say, ("evacuation", "demanded", "waiting", "aboard", "out", "arrived people")))
        table = Table(title="", columns=columns, rows=tuple(rows), numeric=frozenset(columns[1:]))
        columns = tuple(map(self.say, ("evacuation", "of whom", "out")))
        by_group = Table(title=self.say("by group"), columns=columns, rows=tuple(split), numeric=frozenset(columns[2:]))
        reconciled = (
            *(people.published for people in self.situation.people.values()),
            *(one for one in self.situation.reconciled if one.differs),
        )
        published = [row for one in reconciled for row in self.counts(one)]
        columns = tuple(map(self.say, ("of whom", "what", "when", "who", "count")))
        side_by_side = Table(
            title=self.say("published"),
            columns=columns,
            rows=tuple(dict.fromkeys(published)),
            numeric=frozenset(columns[4:]),
        )
        return Part(title=self.say("people"), tables=(table, by_group, side_by_side))

    def counts(self, one: Reconciled) -> list[tuple[str, ...]]:
        name = self.name(one.of)
        return [
            (
                name,
                STAGES[count.stage].said(self.language),
                self.time(count.at),
                self.name(count.by),
                self.heads(count.people),
            )
            for count in sorted(one.counts, key=lambda count: (count.at, count.by))
        ]

    def heads(self, people: Mapping[str, object]) -> str:
        return ", ".join(
            ranged(Range(count.low, count.best, count.high))  # type: ignore[attr-defined]
            + ("" if group == "*" else f" {self.name(group)}")
            for group, count in people.items()
        )

    def convoys(self) -> Part:
        under_way = [one for one in self.situation.movements.values() if one.under_way or one.alarm]
        under_way.sort(key=lambda one: (not one.alarm, -(one.minutes_aboard or 0), one.id))
        columns = tuple(
            map(self.say, ("convoy", "evacuation", "state", "at", "since", "aboard", "minutes aboard", "alarm"))
        )
        rows = tuple(self.convoy(one) for one in under_way[:MOVEMENTS_MOST])
        more = len(under_way) - len(rows)
        numeric = frozenset((columns[5], columns[6]))
        return Part(
            title=self.say("convoys"),
            sentences=(self.say("others", more),) if more else (),
            tables=(Table(title="", columns=columns, rows=rows, numeric=numeric),),
            alarm=any(one.alarm for one in under_way),
        )

    def convoy(self, one: MovementState) -> tuple[str, ...]:
        return (
            one.id,
            self.name(one.evacuation),
            self.say(one.phase),
            self.name(one.at),
            self.time(one.since),
            ranged(one.aboard),
            "?" if one.minutes_aboard is None else f"{one.minutes_aboard:,}",
            one.alarm_said(self.language),
        )

    def agreement(self) -> Part:
        columns = tuple(map(self.say, ("clause", "state", "sentence", "room", "who")))
        rows = tuple(
            (
                one.clause,
                f"{self.say(one.phase)} ({one.text})" if one.phase == "broken" and one.text else self.say(one.phase),
                one.said(self.language),
                "" if one.room is None else f"{one.room:,}",
                self.speakers(one.words),
            )
            for one in self.situation.clauses
        )
        clauses = Table(title="", columns=columns, rows=rows, numeric=frozenset(columns[3:4]))
        columns = tuple(map(self.say, ("clause", "sides", "shares", "ahead", "tolerance")))
        balances = Table(
            title=self.say("balance"),
            columns=columns,
            rows=tuple(
                (
                    one.clause,
                    " – ".join(map(self.name, one.sides)),
                    " – ".join(
                        self.say("at least", f"{share:.0%}") if more else f"{share:.0%}"
                        for share, more in zip(one.shares, one.at_least, strict=True)
                    ),
                    f"{100 * one.ahead:+.0f}",
                    "" if one.tolerance is None else f"{100 * one.tolerance:.0f}",
                )
                for one in self.situation.balances
            ),
            numeric=frozenset(columns[3:]),
        )
        return Part(title=self.say("agreement"), tables=(clauses, balances))

    def ways(self) -> Part:
        columns = tuple(map(self.say, ("segment", "state", "since", "age", "who")))
        rows = []
        for id, one in self.situation.segments.items():
            old = one.hours_old(self.situation.as_of)
            stale = one.stale(self.situation.as_of)
            age = self.say("never") if old is None else self.say("old" if stale else "hours ago", f"{old:.0f}")
            why = f": {one.why}" if one.why else ""
            state = f"{self.say(one.phase)}{why}"
            rows.append((self.name(id), state, self.time(one.since), age, self.speakers(one.words)))
        return Part(
            title=self.say("ways"), tables=(Table(title="", columns=columns, rows=tuple(rows), numeric=frozenset()),)
        )

    def consents(self) -> Part:
        columns = tuple(map(self.say, ("segment", "party", "state", "until", "who")))
        rows = tuple(
            (
                self.name(one.segment),
                self.name(one.party),
                self.say(one.phase) + (f" ({', '.join(one.movements)})" if one.movements else ""),
                self.time(one.until),
                self.speakers(one.words),
            )
            for one in self.situation.consents
        )
        return Part(title=self.say("consents"), tables=(Table(title="", columns=columns, rows=rows),))

    def control(self) -> Part:
        columns = tuple(map(self.say, ("at", "holder", "who", "when")))
        rows = tuple(
            (
                self.name(one.place),
                self.name(one.held_by) if one.held_by else self.say("not known"),
                self.speakers(one.words) if one.words else self.say("file"),
                self.time(one.words[-1].happened) if one.words else "",
            )
            for one in self.situation.control
        )
        return Part(title=self.say("control"), tables=(Table(title="", columns=columns, rows=rows),))

    def incidents(self) -> Part:
        return Part(
            title=self.say("incidents"),
            sentences=tuple(
                f"{self.time(one.words[0].happened) if one.words else ''}"
                f" {self.name(one.report.at) or one.report.elsewhere}: {one.report.text}"
                f" ({self.speakers(one.words)})"
                for one in self.situation.incidents
                if not one.over
            ),
        )

    def contested(self) -> Part:
        """Questions with rival or denied answers, but for the headline's own."""
        why = self.situation.headline.why
        asked = sorted(self.asked_about(contested=True), key=lambda one: one.kind != "contested")
        return Part(
            title=self.say("contested questions"),
            sentences=tuple(
                sentence
                for one in asked
                if why is None or one.question.id != why.question.id
                for sentence in (self.asked(one), *(f"    {said}" for said in self.answers(one)))
            ),
        )

    def other_questions(self) -> Part:
        answered = (one for one in self.asked_about(contested=False) if one.kind != "unanswered")
        return Part(title=self.say("other questions"), sentences=tuple(map(self.asked, answered)))

    def demands(self) -> Part:
        demands = (self.demand(one) for standing in self.situation.questions for one in standing.demands)
        return Part(title=self.say("demands"), sentences=tuple(demands))

    def asked_about(self, *, contested: bool) -> Iterator[Standing]:
        """The operation's questions that are contested, or the others."""
        for one in self.situation.questions:
            if one.question.id != OTHER and one.contested == contested:
                yield one

    def aside(self) -> Part:
        """What was said that belongs to no question of the operation."""
        said = [one for one in self.situation.questions if one.question.id == OTHER]
        return Part(title=self.say("aside"), sentences=tuple(line for one in said for line in self.answers(one)))

    def asked(self, standing: Standing) -> str:
        """A question with what the answers to it amount to."""
        return f"{standing.question.said(self.language)} {standing.said(self.language)}"

    def demand(self, one: Statement) -> str:
        return f"{self.say('says', one.source.origin)}: {one.claim.said(self.language)}"

    def discrepancies(self) -> Part:
        return Part(
            title=self.say("discrepancies"),
            sentences=tuple(f"{self.time(one.at)}: {one.text}" for one in self.situation.discrepancies),
        )

    def plan(self) -> Part:
        situation = self.situation
        if situation.plan is None:
            return Part(title=self.say("plan"))
        now = situation.operation.calendar.minute(situation.as_of)
        due = [one for one in situation.plan.movements if one.loading.end <= now]
        left = [one for one in due if (state := situation.movements.get(one.id)) and state.phase != "planned"]
        planned_out = sum(
            one.total for one in situation.plan.movements if one.handed_over is not None and one.handed_over <= now
        )
        out = sum(people.out.best for people in situation.people.values())
        columns = (self.say("what"), self.say("count"))
        rows = (
            (self.say("planned by now"), f"{len(due):,}"),
            (self.say("left by now"), f"{len(left):,}"),
            (self.say("planned out"), f"{planned_out:,}"),
            (self.say("really out"), f"{out:,}"),
        )
        table = Table(title="", columns=columns, rows=rows, numeric=frozenset(columns[1:]))
        return Part(title=self.say("plan"), tables=(table,))

    def talks(self) -> Part:
        sentences = []
        for event in self.situation.events:
            who = event.source.origin if event.source is not None else self.say("author")
            when = self.time(event.happened.earliest)
            if isinstance(event.what, TalksHeld):
                proposals = "".join(f"; {self.name(side)}: {text}" for side, text in event.what.proposals.items())
                sentences.append(f"{when}: {event.what.text}{proposals} ({who})")
            elif isinstance(event.what, AidDelivered):
                sentences.append(f"{when}: {self.name(event.what.at)}: {event.what.text} ({who})")
            elif isinstance(event.what, OpinionStated):
                sentences.append(f"{when}: {self.say('opinion', who)}: {event.what.text}")
        return Part(title=self.say("talks"), sentences=tuple(sentences))

    def next_steps(self) -> Part:
        lacking = [one for one in self.situation.consents if one.phase != "given"]
        named = dict.fromkeys(f"{self.name(one.party)} ({self.name(one.segment)})" for one in lacking)
        shut = [id for id, one in self.situation.segments.items() if one.phase in {"blocked", "closed"}]
        said = [self.say("missing consents", "; ".join(named))] if named else []
        said += [f"{self.name(id)}: {self.say(self.situation.segments[id].phase)}" for id in shut]
        return Part(title=self.say("next"), sentences=tuple(said or [self.say("not moving")]))


# Answers at the command line


def spoken(standing: Standing, language: Language) -> str:
    """A question and what its claims amount to, in two lines."""
    return f"{standing.question.id}: {standing.question.said(language)}\n  {standing.said(language)}"


def question_table(standing: Standing, language: Language) -> Table:
    """The rival answers to a question, each with who gives and who denies it; then what is demanded."""
    columns = ("answer", "who says so", "denied by", "standing", "in words")
    rows: list[tuple[str, ...]] = [
        (
            answer.key,
            ", ".join(answer.origins),
            ", ".join(dict.fromkeys(one.source.origin for one in answer.denied_by)),
            answer.kind,
            answer.said(language),
        )
        for answer in standing.answers
    ]
    rows += [("", one.source.origin, "", "demand", one.claim.text) for one in standing.demands]
    return Table(title="", columns=columns, rows=tuple(rows))


def account_table(situation: Situation) -> Table:
    """Where people are by the ledger. The best figures of all accounts add up to zero."""
    name = situation.operation.theatre.name
    columns = ("account", "of", "low", "best", "high")
    rows = tuple(
        (account.kind, name(account.of, "en") if account.of else "", *(f"{part:,}" for part in balance))
        for account, balance in sorted(situation.accounts.items())
    )
    return Table(title="People by account", columns=columns, rows=rows, numeric=frozenset(columns[2:]))


def reason_lines(situation: Situation, reasons: Iterable[Reason], language: Language) -> tuple[str, ...]:
    """Each reason of a NO-GO with the reports behind it: their notes where they have one, else their ids."""
    notes = {event.id: event.note for event in situation.events}
    lines = []
    for reason in reasons:
        behind = "; ".join(dict.fromkeys(notes.get(word.event) or word.event for word in reason.words))
        lines.append(f"  {reason.rule}: {reason.said(language)}" + (f"  [{behind}]" if behind else ""))
    return tuple(lines)
