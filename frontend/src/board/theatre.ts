// The map of the theatre, drawn from the operation file alone. Names are elements of the page and not of the canvas, so
// that Arabic is shaped by the browser and no glyphs have to be shipped.
import { addProtocol, LngLatBounds, Map as Chart, Marker, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import type { Feature, FeatureCollection } from "geojson";
import type { GeoJSONSource, LayerSpecification, PaddingOptions } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { convoyMark, type Seen } from "./strip";
import type { Board, PlaceView } from "./view";

export interface Words {
  place: (place: PlaceView) => string;
  crowd: (place: PlaceView) => string;
  convoy: (convoy: Seen) => string;
  shape: (place: PlaceView) => SVGElement;
  /** What the map itself says, by its own keys. */
  chart: Record<string, string>;
}

const STATES: [string, string, number, number[] | null][] = [
  ["not known", "#8f9a9e", 2.5, [1, 2]],
  ["stale", "#7fae95", 4, [4, 1.5]],
  ["open", "#1b7046", 4.5, null],
  ["blocked", "#b3261e", 5, [2, 1]],
];
/** A place this many times farther out than half of the places are is not in the first view. */
const FAR = 5;

setWorkerUrl(workerUrl);

export class Theatre {
  #chart: Chart;
  #words: Words;
  #board: Board;
  #seen: readonly Seen[] = [];
  #labels = new Map<string, { marker: Marker; label: HTMLElement }>();
  #convoys = new Map<string, Marker>();
  #ready = false;

  constructor(container: HTMLElement, board: Board, words: Words, tiles: string | null) {
    this.#board = board;
    this.#words = words;
    this.#chart = new Chart({
      container,
      style: { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": "#eef1ee" } }] },
      bounds: this.#bounds(near(board)),
      fitBoundsOptions: { padding: padding(container) },
      locale: words.chart,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      cooperativeGestures: true,
    });
    this.#chart.touchZoomRotate.disableRotation();
    this.#chart.addControl(new NavigationControl({ showCompass: false }));
    this.#chart.addControl(new ScaleControl({}));
    this.#chart.on("load", () => void this.#furnish(tiles));
    this.#chart.on("move", () => this.#settle());
  }

  show(board: Board, seen: readonly Seen[]): void {
    this.#board = board;
    this.#seen = seen;
    if (this.#ready) this.#refresh();
  }

  fit(places: readonly string[]): void {
    const bounds = this.#bounds(this.#board.places.filter((one) => places.includes(one.id)));
    this.#chart.fitBounds(bounds, { padding: padding(this.#chart.getContainer()), animate: false, maxZoom: 13 });
  }

  remove(): void {
    this.#chart.remove();
  }

  #bounds(places: readonly PlaceView[]): LngLatBounds {
    const bounds = new LngLatBounds();
    for (const place of places) if (place.at) bounds.extend([place.at[1], place.at[0]]);
    return bounds;
  }

  async #furnish(tiles: string | null): Promise<void> {
    if (tiles) await this.#basemap(tiles);
    this.#chart.addSource("roads", { type: "geojson", data: roads(this.#board) });
    this.#chart.addSource("crowds", { type: "geojson", data: crowds(this.#board) });
    this.#chart.addLayer({
      id: "crowds",
      type: "circle",
      source: "crowds",
      paint: {
        "circle-radius": ["get", "radius"],
        "circle-color": ["match", ["get", "what"], "waiting", "#d79b2b", "#2b6688"],
        "circle-opacity": 0.28,
        "circle-stroke-width": 1,
        "circle-stroke-color": ["match", ["get", "what"], "waiting", "#8a5200", "#12364b"],
      },
    });
    for (const [state, colour, width, dashes] of STATES) {
      this.#chart.addLayer({
        id: `road ${state}`,
        type: "line",
        source: "roads",
        filter: ["==", ["get", "state"], state],
        paint: {
          "line-color": colour,
          "line-width": width,
          ...(dashes ? { "line-dasharray": dashes } : {}),
        },
      } as LayerSpecification);
    }
    this.#ready = true;
    this.#refresh();
  }

  /** A PMTiles file in the Protomaps scheme, if the server has one; without labels, which are ours. */
  async #basemap(tiles: string): Promise<void> {
    const { Protocol } = await import("pmtiles");
    addProtocol("pmtiles", new Protocol().tile);
    const address = new URL(tiles, location.href).href;
    this.#chart.addSource("base", { type: "vector", url: `pmtiles://${address}`, attribution: "© OpenStreetMap" });
    const flat = (layer: string, colour: string): LayerSpecification => ({
      id: `base ${layer}`, type: "fill", source: "base", "source-layer": layer, paint: { "fill-color": colour },
    });
    this.#chart.addLayer(flat("earth", "#f4f3ee"));
    this.#chart.addLayer(flat("landuse", "#ebece3"));
    this.#chart.addLayer(flat("water", "#cfdde6"));
    this.#chart.addLayer({
      id: "base roads", type: "line", source: "base", "source-layer": "roads",
      paint: { "line-color": "#d8d4c8", "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.3, 14, 3] },
    });
  }

  #refresh(): void {
    (this.#chart.getSource("roads") as GeoJSONSource).setData(roads(this.#board));
    (this.#chart.getSource("crowds") as GeoJSONSource).setData(crowds(this.#board));
    for (const place of this.#board.places) this.#place(place);
    this.#drive();
    this.#settle();
  }

  #place(place: PlaceView): void {
    if (!place.at) return;
    let held = this.#labels.get(place.id);
    if (!held) {
      const element = document.createElement("div");
      element.className = "map-place";
      const label = document.createElement("span");
      label.className = "map-label";
      label.dir = this.#board.language === "ar" ? "rtl" : "ltr";
      element.append(label);
      const marker = new Marker({ element }).setLngLat([place.at[1], place.at[0]]).addTo(this.#chart);
      element.removeAttribute("tabindex");
      held = { marker, label };
      this.#labels.set(place.id, held);
    }
    const element = held.marker.getElement();
    element.replaceChildren(this.#words.shape(place), held.label);
    element.title = this.#words.place(place);
    element.setAttribute("aria-label", element.title);
    const crowd = document.createElement("small");
    crowd.textContent = this.#words.crowd(place);
    held.label.replaceChildren(place.name + (place.holders.length > 1 ? " ≠" : ""), crowd);
  }

  #drive(): void {
    const at = new Map(this.#board.places.map((one) => [one.id, one.at]));
    const gone = new Set(this.#convoys.keys());
    for (const convoy of this.#seen) {
      const [here, there] = [at.get(convoy.here), at.get(convoy.there) ?? at.get(convoy.here)];
      if (!here || !there) continue;
      gone.delete(convoy.id);
      let marker = this.#convoys.get(convoy.id);
      if (!marker) {
        const element = document.createElement("div");
        element.className = "map-convoy";
        marker = new Marker({ element }).setLngLat([here[1], here[0]]).addTo(this.#chart);
        this.#convoys.set(convoy.id, marker);
      }
      const along = (from: number, to: number) => from + (to - from) * convoy.share;
      marker.setLngLat([along(here[1], there[1]), along(here[0], there[0])]);
      const element = marker.getElement();
      element.dataset.alarm = String(convoy.alarm !== "");
      element.dataset.phase = convoy.phase;
      element.textContent = convoyMark(convoy.phase, (there[1] - here[1]) < 0);
      element.title = this.#words.convoy(convoy);
    }
    for (const id of gone) {
      this.#convoys.get(id)!.remove();
      this.#convoys.delete(id);
    }
  }

  /** Puts each name where no other is: beside its place, where people wait first; else hidden until one zooms in. */
  #settle(): void {
    const { clientWidth: wide, clientHeight: high } = this.#chart.getContainer();
    const spots = this.#board.places.flatMap((one) => {
      if (!one.at) return [];
      const { x, y } = this.#chart.project([one.at[1], one.at[0]]);
      return [{ one, x, y }];
    });
    const taken: Box[] = spots.map(({ x, y }) => [x - 11, y - 11, x + 11, y + 11]);
    const waiting = (one: PlaceView) => one.waiting?.[1] ?? 0;
    const weight = (one: PlaceView) => (one.arrived?.[1] ?? 0) + (one.crossing ? 1000 : 0);
    spots.sort((a, b) => waiting(b.one) - waiting(a.one) || weight(b.one) - weight(a.one));
    for (const { one, x, y } of spots) {
      const label = this.#labels.get(one.id)?.label;
      if (!label) continue;
      const [width, height] = [label.offsetWidth, label.offsetHeight];
      const free = AWAY.flatMap((away) => around(x, y, width, height, away)).find(
        ([[left, top, right, bottom]]) =>
          (left >= 2 && top >= 2 && right <= wide - 2 && bottom <= high - 2) &&
          taken.every(([l, t, r, b]) => right < l || left > r || bottom < t || top > b),
      );
      label.dataset.side = free ? free[1] : "none";
      if (!free) continue;
      taken.push(free[0]);
      label.style.translate = `${free[0][0] - x}px ${free[0][1] - y}px`;
    }
  }
}

type Box = [left: number, top: number, right: number, bottom: number];

/** Pixels from the middle of a place to its name, the nearest first. */
const AWAY = [15, 24, 36];

/** Where a name may stand at a distance from its place. */
function around(x: number, y: number, width: number, height: number, away: number): [Box, string][] {
  const box = (left: number, top: number): Box => [left, top, left + width, top + height];
  const [before, middle, after] = [x - away - width, x - width / 2, x + away];
  const [over, level, under] = [y - away - height, y - height / 2, y + away];
  return [
    [box(after, level), "right"], [box(before, level), "left"], [box(middle, over), "above"], [box(middle, under), "below"],
    [box(after, over), "right"], [box(before, over), "left"], [box(after, under), "right"], [box(before, under), "left"],
  ];
}

/** Room for the names at the edges of the first view, as far as a small map has it. */
function padding(container: HTMLElement): PaddingOptions {
  const [sides, ends] = [Math.min(120, container.clientWidth / 5), Math.min(56, container.clientHeight / 5)];
  return { left: sides, right: sides, top: ends, bottom: ends };
}

function near(board: Board): PlaceView[] {
  const placed = board.places.filter((one) => one.at);
  if (placed.length < 4) return placed;
  const middle = (numbers: number[]) => numbers.sort((a, b) => a - b)[numbers.length >> 1]!;
  const [lat, lon] = [middle(placed.map((one) => one.at![0])), middle(placed.map((one) => one.at![1]))];
  const far = (one: PlaceView) => Math.hypot(one.at![0] - lat, one.at![1] - lon);
  const usual = middle(placed.map(far));
  return placed.filter((one) => far(one) <= FAR * usual);
}

function roads(board: Board): FeatureCollection {
  const at = new Map(board.places.map((one) => [one.id, one.at]));
  const features = board.segments.flatMap((one): Feature[] => {
    const [here, there] = [at.get(one.here), at.get(one.there)];
    if (one.crossing || !here || !there) return [];
    const shut = one.phase === "blocked" || one.phase === "closed";
    const state = shut ? "blocked" : one.phase === "open" && one.stale ? "stale" : one.phase;
    const coordinates = [[here[1], here[0]], [there[1], there[0]]];
    return [{ type: "Feature", properties: { state }, geometry: { type: "LineString", coordinates } }];
  });
  return { type: "FeatureCollection", features };
}

function crowds(board: Board): FeatureCollection {
  const features = board.places.flatMap((one) =>
    (["waiting", "arrived"] as const).flatMap((what): Feature[] => {
      const people = one[what]?.[1] ?? 0;
      if (!one.at || !people) return [];
      const properties = { what, radius: 6 + Math.sqrt(people) / 7 };
      return [{ type: "Feature", properties, geometry: { type: "Point", coordinates: [one.at[1], one.at[0]] } }];
    }),
  );
  return { type: "FeatureCollection", features };
}
