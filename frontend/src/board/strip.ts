// Where everything on the route strip stands: stations of a line at equal distances, convoys along them.
import type { Room } from "./room.svelte";
import type { Board, ConvoyView, LineView, Marks, SegmentView } from "./view";

export interface Marker {
  id: string;
  share: number;
  from: number;
  to: number;
  phase: string;
  alarm: boolean;
  reckoned: boolean;
  aboard: [number, number, number] | null;
  stack: number;
}

/** A convoy where it is seen, on the strip and on the map. */
export type Seen = Pick<ConvoyView, "id" | "evacuation" | "phase" | "here" | "there" | "share" | "reckoned" | "aboard"> & {
  alarm: string;
};

/** The mark of a convoy; `leftwards` where it goes to the left. */
export function convoyMark(phase: string, leftwards: boolean): string {
  if (phase === "held") return "❚❚";
  if (phase === "turned back") return "↩";
  if (phase === "boarding" || phase === "formed") return "…";
  return leftwards ? "◀" : "▶";
}

/** Convoys of a line that are under way or in trouble, each between the stations where it is. */
export function markers(line: LineView, convoys: readonly Seen[]): Marker[] {
  const taken = new Map<string, number>();
  const found: Marker[] = [];
  for (const convoy of convoys) {
    if (!line.evacuations.includes(convoy.evacuation)) continue;
    let [from, to] = [line.places.indexOf(convoy.here), line.places.indexOf(convoy.there)];
    if (from < 0 && to < 0) continue;
    if (from < 0) from = to;
    if (to < 0) to = from;
    const spot = `${Math.min(from, to)}/${Math.max(from, to)}`;
    const stack = taken.get(spot) ?? 0;
    taken.set(spot, stack + 1);
    found.push({
      id: convoy.id,
      share: convoy.share,
      from,
      to,
      phase: convoy.phase,
      alarm: convoy.alarm !== "",
      reckoned: convoy.reckoned,
      aboard: convoy.aboard,
      stack,
    });
  }
  return found;
}

/** Convoys under way or in trouble; while the slider is ahead of the board, by the marks. */
export function seenBy(room: Room, board: Board): Seen[] {
  return room.settled || !room.marks || room.cursor === null
    ? board.convoys.filter((one) => one.under_way || one.alarm)
    : trailing(room.marks, board.segments, room.cursor);
}

/** Convoys at an instant by the trails alone, for while the slider moves: straight between two reports. */
function trailing(marks: Marks, segments: readonly SegmentView[], cursor: number): Seen[] {
  const minute = (cursor - Date.parse(marks.starts)) / 60000;
  const roads = new Map(segments.map((one) => [one.id, one]));
  const found: Seen[] = [];
  for (const trail of marks.trails) {
    const stops = trail.stops;
    let index = -1;
    while (index + 1 < stops.length && stops[index + 1]![0] <= minute) index++;
    const last = stops[index];
    if (!last || !last[3]) continue;
    const next = stops[index + 1];
    const [here, there] = ends(last[1], roads);
    let [from, to, share] = here === there ? [here, here, 0] : [here, there, 0.5];
    if (next && here === there && next[1] !== last[1] && last[2] !== "held") {
      to = ends(next[1], roads)[0];
      share = (minute - last[0]) / Math.max(1, next[0] - last[0]);
    }
    const at = { here: from, there: to, share, reckoned: true, aboard: null, alarm: "" };
    found.push({ id: trail.id, evacuation: trail.evacuation, phase: last[2], ...at });
  }
  return found;
}

function ends(at: string, roads: Map<string, SegmentView>): [string, string] {
  const road = roads.get(at);
  return road && !road.crossing ? [road.here, road.there] : [at, at];
}
