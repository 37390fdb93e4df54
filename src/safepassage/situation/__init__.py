"""The situation: the picture folded from the events, as of an instant and as known at another."""

from safepassage.situation.fold import Fold, fold
from safepassage.situation.picture import (
    Balance,
    ClausePhase,
    ClauseState,
    ConsentPhase,
    ConsentState,
    Control,
    Discrepancy,
    Headline,
    Incident,
    Motion,
    MovementPhase,
    MovementState,
    PeopleOut,
    Presence,
    SegmentPhase,
    SegmentState,
    Situation,
    Word,
)
from safepassage.situation.trip import WORDS_MOST

__all__ = [
    "WORDS_MOST",
    "Balance",
    "ClausePhase",
    "ClauseState",
    "ConsentPhase",
    "ConsentState",
    "Control",
    "Discrepancy",
    "Fold",
    "Headline",
    "Incident",
    "Motion",
    "MovementPhase",
    "MovementState",
    "PeopleOut",
    "Presence",
    "SegmentPhase",
    "SegmentState",
    "Situation",
    "Word",
    "fold",
]
