// A shape for each who holds places, so that colour is never alone.
import type { Say } from "./said";
import { count } from "./said";
import type { Board, PlaceView } from "./view";

/** Those who hold places, in the order in which they get their shapes. */
export function holdersOf(board: Board): Map<string, string> {
  return new Map(board.places.flatMap((one) => one.holders.map((holder) => [holder.party, holder.name] as const)));
}

export function shape(index: number, x: number, y: number, r: number): string {
  const drawn = [
    `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
    `M${x - r * 0.9} ${y - r * 0.9}h${r * 1.8}v${r * 1.8}h${-r * 1.8}Z`,
    `M${x} ${y - r * 1.15}L${x + r * 1.1} ${y + r * 0.8}H${x - r * 1.1}Z`,
    `M${x} ${y - r * 1.2}l${r * 1.2} ${r * 1.2}l${-r * 1.2} ${r * 1.2}l${-r * 1.2} ${-r * 1.2}Z`,
    `M${x - r} ${y}l${r / 2} ${-r * 0.9}h${r}l${r / 2} ${r * 0.9}l${-r / 2} ${r * 0.9}h${-r}Z`,
  ];
  return drawn[index % drawn.length]!;
}

export function heldBy(place: PlaceView, say: Say): string {
  if (!place.holders.length) return "";
  const said = place.holders.map((one) => one.name + (one.says.length ? ` (${one.says.join(", ")})` : ""));
  return say("held by", said.join(" / ")) + (place.holders.length > 1 ? `: ${say("differ")}` : "");
}

export function crowd(place: PlaceView, say: Say, language: string): string {
  const waiting = place.waiting?.[1] ? say("people waiting", count(place.waiting[1], language)) : "";
  const arrived = place.arrived?.[1] ? say("people arrived", count(place.arrived[1], language)) : "";
  return [waiting, arrived].filter(Boolean).join(" · ");
}

const SVG = "http://www.w3.org/2000/svg";

/** The mark of a place as an element: a ring round a crossing, two shapes where reports of the holder differ. */
export function placeMark(place: PlaceView, parties: readonly string[]): SVGElement {
  const mark = document.createElementNS(SVG, "svg");
  mark.setAttribute("width", "28");
  mark.setAttribute("height", "28");
  mark.setAttribute("class", "station");
  if (place.crossing) {
    const ring = document.createElementNS(SVG, "circle");
    for (const [name, value] of [["class", "ring"], ["cx", "14"], ["cy", "14"], ["r", "12"]] as const) ring.setAttribute(name, value);
    mark.append(ring);
  }
  const shown = place.holders.slice(0, 2);
  for (const [at, holder] of (shown.length ? shown : [null]).entries()) {
    const path = document.createElementNS(SVG, "path");
    const index = holder ? parties.indexOf(holder.party) : 0;
    path.setAttribute("d", shape(index, shown.length > 1 ? (at ? 19 : 9) : 14, 14, shown.length > 1 ? 6 : 7));
    path.setAttribute("data-holder", holder ? String(index % 5) : "none");
    mark.append(path);
  }
  return mark;
}
