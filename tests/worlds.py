"""Named tiny operations, small enough to reason about by hand; each function reads a short operation file."""

from __future__ import annotations

from pathlib import Path

import safepassage
from safepassage.formats.operation import parse_operation, read_operation
from safepassage.operation import Operation


def world(text: str) -> Operation:
    """The operation of a text that reads without errors."""
    operation, problems = parse_operation(text)
    assert operation is not None, "\n".join(map(str, problems))
    return operation


ONE_ROAD = """
format = 1

[operation]
name = "One road"
starts = 2016-12-15T06:00:00+02:00
days = 1

[[group]]
id = "civilian"
name = "Civilians"

[[place]]
id = "village"
name = "Village"
bays = 1

[[place]]
id = "gate"
name = "Gate"

[[place]]
id = "city"
name = "City"

[[road]]
between = ["village", "gate"]
minutes = 30

[[road]]
between = ["gate", "city"]
minutes = 60

[[crossing]]
at = "gate"
people_per_hour = 600

[[fleet]]
id = "buses"
seats = 50
carries = ["civilian"]
stands = { village = 2 }

[[convoy]]
vehicles = { buses = 1 }

[[convoy]]
vehicles = { buses = 2 }

[movements]
load = { minutes = 20, per_vehicle = 5 }
unload = { minutes = 10, per_vehicle = 5 }

[[evacuation]]
id = "village-to-city"
from = "village"
to = ["city"]
out_at = "gate"
people = { civilian = 120 }
"""


def one_road() -> Operation:
    """120 people, one road, one crossing, two buses of 50 that stand at the village.

    Two buses load for 30 minutes, drive 30, are inspected for 10 (100 seats at 600 an hour), drive 60 and unload
    for 20: 150 minutes. From 06:00 they are handed over at 07:10 and done at 08:30; empty, the way back takes 90
    minutes. One bus: 25 + 30 + 5 + 60 + 15 = 135 minutes. All are out with two trips, the second of a single bus.
    """
    return world(ONE_ROAD)


TWO_VILLAGES = """
format = 1

[operation]
name = "Two villages"
starts = 2016-12-15T00:00:00+02:00
days = 1
hours = ["06:00-18:00"]
load_from = "05:00"
load_until = "18:00"
slot_minutes = 5

[[group]]
id = "civilian"
name = "Civilians"

[[place]]
id = "north"
name = "North village"

[[place]]
id = "south"
name = "South village"

[[place]]
id = "bridge"
name = "Bridge"

[[place]]
id = "ford"
name = "Ford"

[[place]]
id = "city"
name = "City"

[[place]]
id = "town"
name = "Town"

[[road]]
between = ["north", "bridge"]
minutes = 20

[[road]]
between = ["bridge", "city"]
minutes = 40

[[road]]
between = ["south", "ford"]
minutes = 20

[[road]]
between = ["ford", "town"]
minutes = 40

[[crossing]]
at = "bridge"
people_per_hour = 600

[[crossing]]
at = "ford"
people_per_hour = 600

[[fleet]]
id = "buses"
seats = 50
carries = ["civilian"]
stands = { north = 2, south = 2 }

[[convoy]]
vehicles = { buses = 1 }

[[convoy]]
vehicles = { buses = 2 }

[movements]
escorts = { north = 1, south = 1 }
load = { minutes = 10, per_vehicle = 5 }
unload = { minutes = 10, per_vehicle = 5 }

[[empty]]
between = ["city", "town"]
minutes = 60

[[evacuation]]
id = "north-to-city"
from = "north"
to = ["city"]
out_at = "bridge"
people = { civilian = 200 }

[[evacuation]]
id = "south-to-town"
from = "south"
to = ["town"]
out_at = "ford"
people = { civilian = 100 }

[[clause]]
kind = "lockstep"
of = ["north-to-city"]
with = ["south-to-town"]
tolerance = 0.50
"""


def two_villages() -> Operation:
    """200 and 100 people in lockstep, tolerance 0.50: two equal roads, two buses and one escort on each side.

    A full bus is a quarter of the north (200) and half of the south (100), so one bus of either may go alone; two buses
    of the south (all of it) may be handed over only once 100 of the north are out, at the latest at the same instant.
    """
    return world(TWO_VILLAGES)


WOUNDED_FIRST = """
format = 1

[operation]
name = "Wounded first"
starts = 2016-12-15T06:00:00+02:00
days = 1

[[group]]
id = "wounded"
name = "Wounded"
weight = 4

[[group]]
id = "civilian"
name = "Civilians"

[[place]]
id = "hospital"
name = "Hospital"

[[place]]
id = "gate"
name = "Gate"

[[place]]
id = "city"
name = "City"

[[road]]
between = ["hospital", "gate"]
minutes = 15

[[road]]
between = ["gate", "city"]
minutes = 45

[[crossing]]
at = "gate"
people_per_hour = 1200

[[fleet]]
id = "buses"
seats = 50
carries = ["civilian"]
stands = { hospital = 4 }

[[fleet]]
id = "ambulances"
seats = 4
carries = ["wounded"]
stands = { hospital = 5 }

[[convoy]]
vehicles = { buses = 2 }

[[convoy]]
vehicles = { ambulances = 5 }

[[convoy]]
vehicles = { buses = 1, ambulances = 5 }

[movements]
load = { minutes = 20, per_vehicle = 2 }
unload = { minutes = 10, per_vehicle = 1 }

[[evacuation]]
id = "hospital-to-city"
from = "hospital"
to = ["city"]
out_at = "gate"
people = { wounded = 40, civilian = 200 }

[[clause]]
kind = "order"
first = ["hospital-to-city/wounded"]
then = ["hospital-to-city/civilian"]
ahead = 0.25
"""


def wounded_first() -> Operation:
    """40 wounded (weight 4) and 200 civilians at one place; civilians never more than 0.25 ahead of the wounded.

    Five ambulances take half of the wounded at once: 20. Before any wounded are out, 50 civilians (one bus) may be;
    once 20 of the wounded are, 150 civilians; once all 40 are, everyone.
    """
    return world(WOUNDED_FIRST)


HUB = """
format = 1

[operation]
name = "Hub"
starts = 2016-12-15T00:00:00+02:00
days = 2
hours = ["06:00-12:00", "12:30-18:00"]
load_from = "05:00"
load_until = "18:00"

[[group]]
id = "civilian"
name = "Civilians"

[[place]]
id = "quarter"
name = "Quarter"
bays = 2

[[place]]
id = "east-gate"
name = "East gate"

[[place]]
id = "west-gate"
name = "West gate"

[[place]]
id = "hub"
name = "Hub"

[[place]]
id = "camp"
name = "Camp"
capacity_per_day = 300

[[road]]
between = ["quarter", "east-gate"]
minutes = 15

[[road]]
between = ["quarter", "west-gate"]
minutes = 15

[[road]]
between = ["east-gate", "hub"]
minutes = 30

[[road]]
between = ["west-gate", "hub"]
minutes = 20

[[road]]
between = ["hub", "camp"]
minutes = 25

[[crossing]]
at = "east-gate"
people_per_hour = 1500

[[crossing]]
at = "west-gate"
people_per_hour = 500

[[fleet]]
id = "buses"
seats = 50
carries = ["civilian"]
stands = { hub = 6 }

[[convoy]]
vehicles = { buses = 2 }

[[convoy]]
vehicles = { buses = 4 }

[movements]
escorts = { hub = 2 }
load = { minutes = 20, per_vehicle = 2 }
unload = { minutes = 10, per_vehicle = 1 }

[[empty]]
between = ["hub", "quarter"]
minutes = 25
via = ["quarter--east-gate", "east-gate--hub"]

[[empty]]
between = ["camp", "hub"]
minutes = 20

[[evacuation]]
id = "quarter-to-hub"
from = "quarter"
to = ["hub", "camp"]
out_at = ["east-gate", "west-gate"]
people = { civilian = 800 }
"""


def hub() -> Operation:
    """800 people, two crossings of which each way passes one, two places that receive (one 300 a day), empty links.

    Six buses and two escorts stand at the hub and need 25 minutes, empty, to the quarter; from the camp 20 to the hub.
    Four buses are inspected for 8 minutes at the east gate and for 24 at the west gate, whose road is shorter by 10.
    """
    return world(HUB)


NIGHT = """
format = 1

[operation]
name = "Night"
starts = 2016-12-15T18:00:00+02:00
days = 2

[[group]]
id = "civilian"
name = "Civilians"

[[place]]
id = "town"
name = "Town"

[[place]]
id = "pass"
name = "Mountain pass"

[[place]]
id = "city"
name = "City"

[[road]]
between = ["town", "pass"]
minutes = 120
paces = [{ hours = "20:00-05:00", minutes = 180 }]

[[road]]
between = ["pass", "city"]
minutes = 90

[[crossing]]
at = "pass"
people_per_hour = 600

[[fleet]]
id = "buses"
seats = 50
carries = ["civilian"]
stands = { town = 4 }

[movements]
load = { minutes = 20, per_vehicle = 0 }
unload = { minutes = 10, per_vehicle = 0 }

[[evacuation]]
id = "town-to-city"
from = "town"
to = ["city"]
out_at = "pass"
people = { civilian = 150 }

[[clause]]
kind = "aboard"
of = ["town-to-city"]
minutes = 300
overnight = false
"""


def night() -> Operation:
    """150 people, a first evening and a day; 300 minutes aboard at most and nobody aboard at midnight; any convoy.

    One bus takes 20 + 120 + 5 + 90 + 10 = 245 minutes by day and 305 if it enters the first road from 20:00 to 05:00.
    Loading at 18:00 sharp, three buses (15 minutes of inspection) end at 22:15. What loads after 19:39 enters the slow
    road and is aboard too long; so the next time is 04:40, which enters it at 05:00.
    """
    return world(NIGHT)


PRISONERS_FOR_VILLAGES = """
format = 1

[operation]
name = "Prisoners for villages"
starts = 2016-12-15T06:00:00+02:00
days = 1

[[party]]
id = "government"
name = "Government"
name_ar = "الحكومة"

[[party]]
id = "opposition"
name = "Opposition"
name_ar = "المعارضة"

[[group]]
id = "prisoner"
name = "Prisoners"

[[group]]
id = "civilian"
name = "Civilians"

[[place]]
id = "prison"
name = "Prison"

[[place]]
id = "village"
name = "Village"

[[place]]
id = "line"
name = "Line"

[[place]]
id = "city"
name = "City"

[[road]]
between = ["prison", "line"]
minutes = 30
consent = ["government"]

[[road]]
between = ["village", "line"]
minutes = 30
consent = ["opposition"]

[[road]]
between = ["line", "city"]
minutes = 20

[[crossing]]
at = "line"
people_per_hour = 1200
lanes = 2
consent = ["government", "opposition"]

[[fleet]]
id = "buses"
seats = 20
carries = ["prisoner", "civilian"]
stands = { prison = 2, village = 5 }

[movements]
load = { minutes = 10, per_vehicle = 0 }
unload = { minutes = 10, per_vehicle = 0 }

[[evacuation]]
id = "prisoners"
from = "prison"
to = ["city"]
out_at = "line"
people = { prisoner = 40 }

[[evacuation]]
id = "villagers"
from = "village"
to = ["city"]
out_at = "line"
people = { civilian = 100 }

[[clause]]
kind = "tranches"
first = ["prisoners"]
then = ["villagers"]
first_steps = [20, 20]
then_steps = [50, 50]
"""


def prisoners_for_villages() -> Operation:
    """40 prisoners against 100 villagers in two tranches: 20 prisoners, then 50 villagers; the other 20, then all.

    No villager is handed over before 20 prisoners are, and the 51st not before the 40th prisoner, or at that instant.
    """
    return world(PRISONERS_FOR_VILLAGES)


ALL = (one_road, two_villages, wounded_first, hub, night, prisoners_for_villages)
"""Every world, for tests that hold of each."""


def hill_and_dale() -> Operation:
    """The example `tiny`: two villages in lockstep over one bridge, whose councils have to consent."""
    operation, problems = read_operation(Path(safepassage.__file__).parent / "examples" / "tiny.toml")
    assert operation is not None, "\n".join(map(str, problems))
    return operation
