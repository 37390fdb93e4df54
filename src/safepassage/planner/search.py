"""The search for a good plan: a first plan, the bound, a plan laid out day by day from it, renewed window by window."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from safepassage.check import check_plan
from safepassage.movement import EmptyMove, Movement
from safepassage.planner.assemble import assemble, empty_moves
from safepassage.planner.bound import Certificate, Relaxation, Relaxed, solve
from safepassage.planner.build import draft_of, movements_of, served, starts_of, word_from, word_of
from safepassage.planner.improve import Annealing, Draft, place, plain
from safepassage.planner.model import Model
from safepassage.planner.past import Past
from safepassage.planner.windows import Effort, Extension, Laid, Start, renew
from safepassage.world import DAY, Span

Ints = NDArray[np.int64]

NOTHING: Ints = np.zeros((5, 0), dtype=np.int64)
DECODED_PER_ROUND = 100_000
"""Movements decoded in one round of annealing, about a third of a second."""
ROUND_STEPS_MOST = 2_000
SAME = 1e-7
"""A gap at which plan and bound are the same."""
LAYOUTS = (((180, 240), 8.0), ((150, 300), 20.0), ((120, 210), 30.0), ((360, 270), 60.0))
"""Minutes laid out in whole movements at a time, in two ways of which the better is kept day by day, and the seconds
each may take; one layout after another."""
PARTS = ((0.3, 1.0), (0.0, 0.7), (0.5, 1.0), (0.15, 0.85))
"""Parts of a day that are renewed after it was laid out."""
DEAR_SHARE = 0.0003
"""What share of the bound a start may cost beyond the relaxation to be thought of."""
FINISHING_SHARE = 0.3
"""What annealing after the days laid out may take of the seconds left."""
FINISHING_ROUNDS = (30, 300)
"""Rounds of annealing that finish a plan whose first days are laid out: while more days follow, and at the end."""
IDLE_MOST = 4
"""Rounds of renewing without a gain before something else is tried."""
WARMING_ROUNDS = 60
"""Rounds from hot to cold while nothing but annealing can go on; then it begins anew from the best."""
COLUMNS_PER_SECOND = 2500
"""How many columns of a relaxation a solver gets through in a second, roughly, on one core."""
BULK = 0.75
"""The share of people, in the relaxation, after which the days are left to annealing."""
LAID_OUT_COLUMNS_MOST = 150_000
FORCED_STARTS_MOST = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far planning has come: the best objective so far, the bound, and when the plan would end (minute)."""

    stage: str
    text: str
    incumbent: float | None = None
    bound: float | None = None
    ends: int | None = None

    @property
    def gap(self) -> float | None:
        if self.incumbent is None or self.bound is None or self.bound <= 0:
            return None
        return (self.incumbent - self.bound) / self.bound


@dataclass(slots=True, kw_only=True)
class Budget:
    """What a search may spend: seconds by a clock that is not ours, or units of work, whichever ends first."""

    seconds_left: Callable[[], float] = lambda: math.inf
    work: int | None = None
    stopped: Callable[[], bool] = lambda: False

    def part(self, share: float) -> Callable[[], float]:
        """The seconds left of a share of those left now."""
        left = self.seconds_left()
        if left == math.inf:
            return self.seconds_left
        kept = left * (1 - share)
        return lambda: self.seconds_left() - kept

    def over(self) -> bool:
        return self.stopped() or self.seconds_left() <= 0 or self.work == 0

    def spend(self) -> None:
        if self.work is not None:
            self.work = max(0, self.work - 1)


def round_steps(draft: Draft) -> int:
    """Candidates in one round of annealing on plans of this size."""
    movements = int(draft.word.shape[1])
    return max(10, min(ROUND_STEPS_MOST, DECODED_PER_ROUND // (1 + movements)))


class Search:
    """A search on one operation after a past. `best` is a plan at any time, `certificate` its bound once known."""

    def __init__(
        self,
        model: Model,
        past: Past,
        *,
        seed: int,
        budget: Budget,
        tell: Callable[[Progress], None],
        workers: int,
        word: Ints | None = None,
        relaxed_until: int | None = None,
    ) -> None:
        """`word`: where to begin, instead of with nothing.

        `relaxed_until`: the relaxation that guides the search ends by this minute, before the plan has to; what it
        gives is then no bound.
        """
        self.relaxed_until = relaxed_until
        self.model, self.past, self.seed, self.budget, self.tell = model, past, seed, budget, tell
        self.workers = max(1, workers)
        self.state = model.state(past)
        self.best = place(model.arrays, self.state, NOTHING if word is None else word, model.finishing)
        self.first = self.best
        self.certificate: Certificate | None = None
        self.no_end_before: int | None = None
        self.settled = past.person_hours(model.operation)
        self._finished = 0

    def go(self, puzzled: Callable[[], None] = lambda: None) -> None:
        """Search until the budget is spent or nothing better is to be expected.

        `puzzled` is called once where people are left behind after the first efforts.
        """
        if not self.model.patterns or not self.state.remaining.any():
            puzzled()
            return
        self.say("first plan", f"{self.best.word.shape[1]} movements")
        sketch = self.model.sketch_minutes
        if self.budget.work is None:  # hurried, even a first bound has to be had in half of the time
            sketch = max(sketch, self.model.grid_within(self.budget.seconds_left() * COLUMNS_PER_SECOND / 2))
        with ThreadPoolExecutor(self.workers) as pool:
            relaxation, relaxed = self._bound(pool, sketch)
            self._anneal(pool, 3, 0.05)
            self._force()
            if self.left:
                puzzled()
            while (grid := self._finer(relaxation.grid_minutes)) and not self._over():
                self._anneal(pool, 10, 0.1)
                relaxation, relaxed = self._bound(pool, grid)
            self._anneal(pool, 30, 0.15)
            exact = self.model.exact_on_grid and relaxation.grid_minutes == self.model.grid_minutes
            if exact:
                small = relaxed.solved and len(relaxation.cost) <= LAID_OUT_COLUMNS_MOST
                best: dict[int, Laid] = {}
                for layout in LAYOUTS if small else ():
                    self._lay_out(pool, relaxation, relaxed, layout, best)
                    self._renew(pool)
                if not small:
                    self._renew(pool)
            self._anneal(pool, 10**9, 1.0)

    @property
    def left(self) -> int:
        """People whom the best plan leaves behind."""
        return int(self.state.remaining.sum() - self.best.people.sum())

    def say(self, stage: str, text: str) -> None:
        bound = None if self.certificate is None else self.certificate.value
        incumbent = self.settled + self.best.objective
        self.tell(Progress(stage=stage, text=text, incumbent=incumbent, bound=bound, ends=self.best.ends))

    def offer(self, draft: Draft, stage: str, text: str) -> bool:
        """Keep a draft if it is better than the best, and say so."""
        better = draft.objective < self.best.objective - 1e-6
        if better:
            self.best = draft
        self.say(stage, text)
        return better

    def _round_steps(self) -> int:
        return round_steps(self.best)

    @property
    def proven(self) -> bool:
        """Whether the bound proves that there is nothing better."""
        incumbent = self.settled + self.best.objective
        return self.certificate is not None and incumbent <= self.certificate.value * (1 + SAME) + SAME

    def _over(self) -> bool:
        return self.budget.over() or self.proven

    def _finer(self, grid_minutes: int) -> int:
        """The finest grid on which the bound can be had in the time left; 0 where it is not finer than this one."""
        columns_most = math.inf if self.budget.work is not None else self.budget.seconds_left() * COLUMNS_PER_SECOND
        grid = max(self.model.grid_minutes, self.model.grid_within(columns_most))
        return grid if grid < grid_minutes else 0

    def _bound(self, pool: ThreadPoolExecutor, grid_minutes: int) -> tuple[Relaxation, Relaxed]:
        """The relaxation and its certified value; the other worker improves the plan meanwhile."""
        relaxation = self.model.relax(self.past, ends_by=self.relaxed_until, grid_minutes=grid_minutes)
        solving = pool.submit(solve, relaxation, seconds=self.budget.seconds_left())
        if self.workers > 1 and self.budget.work is None:
            chain = self._chain(self.best, 0)
            rounds = 0
            while not solving.done() and not self.budget.over():
                begin = self.best if rounds % WARMING_ROUNDS == 0 else None
                found = chain.cool(self._round_steps(), rounds % WARMING_ROUNDS / WARMING_ROUNDS, begin)
                self.offer(found, "bound", "improving while it is computed")
                rounds += 1
        relaxed = solving.result()
        value = self.settled + relaxed.value
        known = self.settled if self.certificate is None else self.certificate.value
        if value > known and self.relaxed_until is None:
            self.certificate = Certificate(grid_minutes=grid_minutes, value=value, duals=relaxed.duals)
            self.say("bound", f"no plan takes less than {value:,.0f} person-hours (by {grid_minutes} minutes)")
        if relaxed.solved:
            word = plain(self.model.arrays, word_of(relaxation, relaxed.point, self.model.first_letter))
            self.offer(
                place(self.model.arrays, self.state, word, self.model.finishing), "bound", "a plan from the bound"
            )
        return relaxation, relaxed

    def _chain(self, draft: Draft, number: int) -> Annealing:
        model = self.model
        return Annealing(
            model.arrays, self.state, model.finishing, model.kin, draft, self.seed * 1009 + number, model.grid_minutes
        )

    def _anneal(self, pool: ThreadPoolExecutor, rounds: int, share: float) -> None:
        """Anneal on all workers for so many rounds, or that share of the seconds left."""
        started = self.budget.seconds_left()
        chains = [self._chain(self.best, number + 1) for number in range(self.workers)]
        limit = rounds if self.budget.work is None else min(rounds, max(1, self.budget.work))
        for done in range(limit):
            left = self.budget.seconds_left()
            if self._over() or (started < math.inf and left < started * (1 - share)):
                return
            elapsed = done / limit if started == math.inf or rounds < 10**9 else 1 - left / started
            steps = self._round_steps()
            for job in [pool.submit(chain.cool, steps, elapsed) for chain in chains]:
                self.offer(job.result(), "improve", f"annealing, round {done + 1}")
            self.budget.spend()

    def _lay_out(
        self,
        pool: ThreadPoolExecutor,
        relaxation: Relaxation,
        relaxed: Relaxed,
        layout: tuple[Sequence[int], float],
        best: dict[int, Laid],
    ) -> None:
        """A plan whose first days are whole movements close to the relaxation, day by day; then annealed.

        `best`: the best found yet for each day, after the best days before it.
        """
        model, calendar = self.model, self.model.operation.calendar
        stretches, seconds = layout
        priced = relaxed
        if self.left and self._finished:  # prices change, and with them what a day costs
            best, priced = {}, replace(relaxed, duals=self._dearer(relaxation, relaxed.duals))
        extension = Extension(relaxation, priced, DEAR_SHARE * max(relaxed.value, 1.0))
        laid = Laid(np.zeros(len(relaxation.pattern)), 0.0)
        carried = relaxed.point[: len(laid.counts)] * np.array([model.patterns[p].capacity for p in relaxation.pattern])
        everyone = max(1.0, float(carried.sum()))
        for day in range(calendar.days):
            span = calendar.day_span(day)
            today = (extension.start >= span.start) & (extension.start < span.end)
            before, after = (float(carried[extension.start < minute].sum()) for minute in (span.start, span.end))
            if before > BULK * everyone or self._over():
                break
            if not today.any():
                continue
            hours = Span(int(extension.start[today].min()), int(extension.start[today].max()) + 1)
            jobs = [
                pool.submit(self._laid, extension, laid, hours, span.end, stretch, seconds) for stretch in stretches
            ]
            laid = min([job.result() for job in jobs], key=lambda laid: laid.cost)
            self.budget.spend()
            self.say("lay out", f"day {day + 1}")
            laid = self._polished(pool, extension, laid, hours, span.end, 1.5 * seconds)
            if day in best and best[day].cost <= laid.cost:
                laid = best[day]
            else:
                for later in [other for other in best if other > day]:
                    del best[later]
                best[day] = laid
            chosen = [
                Start(int(relaxation.pattern[j]), int(extension.start[j]))
                for j in np.flatnonzero(laid.counts > 0.5)
                for _ in range(round(laid.counts[j]))
            ]
            letters = word_of(
                relaxation,
                np.where(extension.start >= span.end, relaxed.point[: len(laid.counts)], 0.0),
                model.first_letter,
            )
            rounds = FINISHING_ROUNDS[after > BULK * everyone]
            self.offer(self._finish(pool, chosen, letters, span.end, rounds), "lay out", f"day {day + 1}")

    def _dearer(self, relaxation: Relaxation, duals: NDArray[np.float64]) -> NDArray[np.float64]:
        """Duals with people of whom the best plan leaves some behind the dearer, by that share of what it costs."""
        arrays = self.model.arrays
        left = self.state.remaining.astype(float)
        np.subtract.at(left, arrays.fill_stream[self.best.word[0]], self.best.people)
        streams = dict(zip(self.model.codes.streams, left / np.maximum(1, self.state.remaining), strict=True))
        raised = duals.copy()
        for stream, row in relaxation.demand_rows.items():
            raised[row] += streams[stream] * self.model.operation.left_behind_hours
        return raised

    def _laid(self, extension: Extension, laid: Laid, hours: Span, until: int, stretch: int, seconds: float) -> Laid:
        """A day laid out stretch by stretch."""
        for start in range(hours.start, hours.end, stretch):
            if self._over():
                break
            whole = Span(start, min(hours.end, start + stretch))
            effort = self._effort(seconds, 2e-4 * max(1.0, self.best.objective))
            laid = extension.extend(laid.counts, whole, until, effort) or laid
        return laid

    def _polished(
        self, pool: ThreadPoolExecutor, extension: Extension, laid: Laid, hours: Span, until: int, seconds: float
    ) -> Laid:
        """A day laid out, its parts renewed until that gains nothing."""
        length = hours.end - hours.start
        parts = [Span(hours.start + int(a * length), hours.start + int(b * length)) for a, b in PARTS]
        idle = 0
        while idle < len(parts) and not self._over():
            some, parts = parts[: self.workers], [*parts[self.workers :], *parts[: self.workers]]
            effort = self._effort(seconds, 2e-6 * max(1.0, self.best.objective))
            jobs = [pool.submit(extension.renew, laid.counts, part, until, effort) for part in some]
            found = min([laid, *filter(None, (job.result() for job in jobs))], key=lambda laid: laid.cost)
            idle = 0 if found.cost < laid.cost - 20 * effort.gap else idle + self.workers
            self.say("lay out", f"renewed, {laid.cost - found.cost:,.0f} person-hours less")
            laid = found
            self.budget.spend()
        return laid

    def _finish(self, pool: ThreadPoolExecutor, chosen: list[Start], letters: Ints, until: int, rounds: int) -> Draft:
        """The plan that begins with these starts as they are, its days from `until` on annealed from a word."""
        model, operation = self.model, self.model.operation
        head = self._realised(chosen, NOTHING)
        movements = movements_of(model.patterns, model.codes, head, past=self.past.movements)
        moves = self.moves(movements)
        movements = (*self.past.movements, *movements)
        now = max(until, *(movement.loading.start + 1 for movement in movements)) if movements else until
        state = model.state(Past.of(operation, movements, (*self.past.moves, *moves), now))
        tail = place(model.arrays, state, plain(model.arrays, letters), model.finishing)
        chains = [
            Annealing(model.arrays, state, model.finishing, model.kin, tail, seed, model.grid_minutes)
            for seed in self._seeds()
        ]
        steps = round_steps(tail) // 2
        started = self.budget.seconds_left()
        for number in range(rounds):
            spent = 0.0 if started == math.inf else 1 - self.budget.seconds_left() / max(1e-3, started)
            elapsed = max(number / rounds, spent / FINISHING_SHARE)
            if self._over() or elapsed >= 1:
                break
            jobs = [pool.submit(chain.cool, steps, elapsed) for chain in chains]
            tail = min([tail, *(job.result() for job in jobs)], key=lambda draft: draft.objective)
        left = float(state.remaining @ model.arrays.weight) * model.arrays.stay_hours
        return Draft(
            np.hstack([head.word, tail.word]),
            np.vstack([head.people, tail.people]),
            head.objective - left + tail.objective,
            max(head.ends, tail.ends),
        )

    def _seeds(self) -> list[int]:
        """A seed for each worker, none used before."""
        self._finished += 1
        return [self.seed * 1009 + self._finished * 97 + worker for worker in range(self.workers)]

    def _effort(self, seconds: float, gap: float) -> Effort:
        if self.budget.work is not None:
            return Effort(seconds=self.budget.seconds_left(), nodes=10, gap=gap)
        return Effort(seconds=min(seconds, max(0.1, self.budget.seconds_left())), nodes=500, gap=gap)

    def _word(self, starts: list[Start]) -> Ints:
        """The word of these starts, with where their vehicles come from where a flow finds it."""
        model = self.model
        with suppress(ValueError):  # off the grid the decoder shifts what cannot be served in time
            starts = served(model.operation, model.patterns, model.travel, starts, self.past.stands)
        return word_from(starts, model.patterns, model.codes)

    def _renew(self, pool: ThreadPoolExecutor) -> None:
        """Renew the plan window by window, each solved exactly with all else fixed, on all workers at once."""
        queue = self._windows()
        idle = 0
        while not self._over():
            windows = [next(queue) for _ in range(self.workers)]
            plan = starts_of(self.best, self.model.codes)
            jobs = [pool.submit(self._renewed, plan, window, length) for window, length in windows]
            before = self.best.objective
            results = [job.result() for job in jobs]
            for (window, _), draft in zip(windows, results, strict=True):
                if draft is not None:
                    self.offer(draft, "renew", f"{self.model.operation.calendar.clock(max(0, window.start))}")
                self.budget.spend()
            gain = (before - self.best.objective) / max(1.0, before)
            idle = 0 if gain > 1e-5 else idle + 1
            if idle >= IDLE_MOST:
                return

    def _renewed(self, plan: list[Start], window: Span, seconds: float) -> Draft | None:
        model = self.model
        effort = self._effort(seconds, 2e-5 * max(1.0, self.best.objective))
        found = renew(
            model.operation, model.patterns, model.travel, model.grid_minutes, plan, window, effort, self.past
        )
        return None if found is None else self._realised(found)

    def _realised(self, starts: list[Start], finishing: Ints | None = None) -> Draft:
        """The draft of these starts: decoded, or as they are where that is better and the verifier agrees.

        `finishing`: the word that carries those left over, instead of the usual one.
        """
        model = self.model
        word = self._word(starts)
        decoded = place(model.arrays, self.state, word, model.finishing if finishing is None else finishing)
        direct = None
        if word.shape[1] == sum(start.people is None or any(start.people.values()) for start in starts):
            direct = draft_of(model.arrays, self.state.remaining, model.patterns, model.codes, word, starts)
        useful = decoded.objective if finishing is not None else min(decoded.objective, self.best.objective)
        if direct is None or direct.objective > useful - 1e-6:
            return decoded
        return direct if self._valid(direct) else decoded

    def _valid(self, draft: Draft) -> bool:
        """Whether the verifier finds nothing wrong with a draft."""
        model = self.model
        movements = movements_of(model.patterns, model.codes, draft, past=self.past.movements)
        try:
            moves = self.moves(movements)
        except ValueError:
            return False
        timetable = assemble(
            model.operation,
            (*self.past.movements, *movements),
            (*self.past.moves, *moves),
            operation_hash="",
            version="",
            seed=0,
            bound=None,
            why_left="",
            frozen_until=self.past.now or None,
        )
        return check_plan(model.operation, timetable).ok

    def _force(self) -> None:
        """Where people are left behind: movements of the whole operation at once, in whole numbers, on fine grids.

        This finds what one movement after another cannot: swaps at one instant, loads that only fit together.
        """
        model = self.model
        everything = Span(self.past.now, model.operation.calendar.end)
        starts = sum(int(pattern.starts.sum()) for pattern in model.patterns)
        for grid in dict.fromkeys((model.grid_minutes, 1)):
            spent = self.budget.stopped() or self.budget.seconds_left() <= 0
            if not self.left or spent or starts / grid > FORCED_STARTS_MOST:
                return
            effort = self._effort(30.0, 1e-4 * max(1.0, self.best.objective))
            parts = (model.operation, model.patterns, model.travel, grid)
            found = renew(*parts, [], everything, effort, self.past, whole_people=True)
            if found is not None:
                self.offer(self._realised(found), "force", f"all movements at once, by {grid} minutes")

    def _windows(self) -> Iterator[tuple[Span, float]]:
        """Windows over the plan, nights crossed too, and the seconds each may take; each sweep longer and shifted."""
        calendar = self.model.operation.calendar
        for sweep in range(10**6):
            length = (240, 360, 480, 300)[sweep % 4]
            seconds = 6.0 * (1 + sweep // 2)
            shift = (sweep * 97) % 120
            last = self.best.ends
            # The second half of the plan first: there the laid-out days end and annealing began.
            starts = list(range(calendar.start_of_day + shift, last, length * 3 // 4))
            middle = len(starts) // 2
            for start in [*starts[middle:], *starts[:middle]]:
                window = Span(start, start + length)
                if any(window.start <= minute < window.end for minute in self.best.word[5]):
                    at_night = calendar.time_of_day(window.end) < 5 * 60 or calendar.time_of_day(window.start) > 15 * 60
                    yield (Span(start, start + length + DAY // 2) if at_night else window), seconds

    def moves(self, movements: tuple[Movement, ...]) -> tuple[EmptyMove, ...]:
        """The empty moves that bring vehicles and escorts to these movements."""
        return empty_moves(self.model.operation, self.model.travel, movements, self.past.stands)

    def movements(self) -> tuple[Movement, ...]:
        """The movements of the best plan, without those of the past."""
        return movements_of(self.model.patterns, self.model.codes, self.best, past=self.past.movements)
