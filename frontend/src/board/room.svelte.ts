// What the page knows: the board at an instant, the marks of the whole record, and how good the connection is.
import { Line, type State } from "../line";
import { stamp } from "./said";
import type { Board, Halt, Marks } from "./view";

export type Connection = "loading" | "good" | "refused" | "failed";
export type Known = "all" | "then" | "other";
export interface Addresses {
  board: string;
  marks: string;
  tiles: string | null;
}

const KEPT_MOST = 48;
const SETTLE_MILLIS = 250;

export class Room {
  board = $state.raw<Board | null>(null);
  marks = $state.raw<Marks | null>(null);
  connection = $state<Connection>("loading");
  failure = $state("");
  busy = $state(false);
  /** Milliseconds; null follows the record's end. Moves at once, the board comes after. */
  cursor = $state<number | null>(null);
  /** The server's clock, by minutes. */
  now = $state(0);
  known = $state<Known>("all");
  knownAt = $state<string | null>(null);
  /** How good the line to the server is, when it was last heard, and whether the server has its log. */
  line = $state.raw<{ state: State; since: string; log: boolean }>({ state: "opening", since: "", log: true });

  #addresses: Addresses;
  #wanted: string | null = null;
  #shown: string | null = null;
  #kept = new Map<string, Board>();
  #line: Line | null = null;
  #settle = 0;
  #marked = true;
  #epoch = 0;

  /** `known`: what the past is shown with where the address does not say: in a rehearsal what was known then. */
  constructor(addresses: Addresses, query: URLSearchParams, known: Known) {
    this.#addresses = addresses;
    this.known = known;
    const knownAt = query.get("known_at");
    const asOf = query.get("as_of") ?? knownAt;
    if (asOf) {
      this.cursor = Date.parse(asOf);
      this.known = !knownAt ? "all" : Date.parse(asOf) === Date.parse(knownAt) ? "then" : "other";
      this.knownAt = knownAt;
    }
  }

  get tiles(): string | null {
    return this.#addresses.tiles;
  }

  get following(): boolean {
    return this.cursor === null;
  }

  /** Follows the server from where the page was made (`page`). Time passes for who follows now, whatever comes in. */
  start(page: DOMStringMap): void {
    void this.load();
    void this.loadMarks();
    const line = new Line(page, {
      news: () => this.renew(),
      minute: () => {
        this.now = line.now;
        if (this.following || this.connection !== "good") this.renew(false);
      },
      changed: () => (this.line = { state: line.state, since: line.since, log: line.log }),
    });
    this.#line = line;
    this.now = line.now;
    line.start();
  }

  /** Moves every part of the page to an instant; null goes to the record's end. */
  moveTo(millis: number | null): void {
    this.cursor = millis;
    carry(this.#query());
    void this.load();
  }

  know(known: Known): void {
    this.known = known;
    if (known === "all") this.knownAt = null;
    void this.load();
    void this.loadMarks();
  }

  /** How things stood at the cursor by the marks alone, before the server has answered. */
  get halt(): Halt | null {
    const halts = this.marks?.halts;
    if (!halts?.length || this.cursor === null) return null;
    let [low, high] = [0, halts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Date.parse(halts[middle]!.at) <= this.cursor) low = middle + 1;
      else high = middle;
    }
    return low ? halts[low - 1]! : null;
  }

  get settled(): boolean {
    return this.board !== null && (this.cursor === null || Date.parse(this.board.as_of) === this.cursor);
  }

  #query(): string {
    const query = new URLSearchParams(location.search);
    const like = this.board?.as_of ?? this.marks?.starts ?? "0000-00-00T00:00+00:00";
    const asked = query.get("as_of") ?? query.get("known_at");
    const at = this.cursor === null ? null : this.board || this.marks ? stamp(this.cursor, like) : asked;
    const known = { all: null, then: at, other: this.knownAt }[this.known];
    for (const [key, value] of [["as_of", at], ["known_at", at && known]] as const) {
      if (value) query.set(key, value);
      else query.delete(key);
    }
    return query.toString();
  }

  /** One request at a time; what was asked for meanwhile is asked for when it is back, the last of it only. */
  async load(): Promise<void> {
    const query = this.#query();
    this.#wanted = query;
    if (this.busy) return;
    this.busy = true;
    while (this.#wanted !== null && this.#wanted !== this.#shown) {
      const asked: string = this.#wanted;
      const epoch = this.#epoch;
      const board = this.#kept.get(asked) ?? (await this.#fetch<Board>(this.#addresses.board, asked));
      if (!board) break;
      this.#keep(asked, board);
      this.board = board;
      this.connection = "good";
      this.#shown = epoch === this.#epoch ? asked : null;
    }
    this.busy = false;
    this.#address();
  }

  async loadMarks(): Promise<void> {
    const query = new URLSearchParams(location.search);
    query.delete("as_of");
    query.set("known", this.known === "then" ? "then" : "all");
    if (this.known === "other" && this.knownAt) query.set("known_at", this.knownAt);
    else query.delete("known_at");
    this.marks = (await this.#fetch<Marks>(this.#addresses.marks, query.toString(), true)) ?? this.marks;
  }

  /** Asks for the board anew, and, where something came in, for the marks. */
  renew(news = true): void {
    this.#marked &&= !news;
    clearTimeout(this.#settle);
    this.#settle = window.setTimeout(() => {
      this.#epoch++;
      this.#kept.clear();
      this.#shown = null;
      void this.load();
      if (!this.#marked || !this.marks) void this.loadMarks();
      this.#marked = true;
    }, SETTLE_MILLIS);
  }

  async #fetch<T>(address: string, query: string, quietly = false): Promise<T | null> {
    try {
      const answer = await fetch(query ? `${address}?${query}` : address, { headers: { Accept: "application/json" } });
      if (answer.ok) return (await answer.json()) as T;
      if (!quietly) {
        this.connection = answer.status === 401 || answer.status === 403 ? "refused" : "failed";
        this.failure = String(answer.status);
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // fetch rejects so where there is no connection
      this.#line?.check();
    }
    return null;
  }

  #keep(query: string, board: Board): void {
    this.#kept.delete(query);
    this.#kept.set(query, board);
    if (this.#kept.size > KEPT_MOST) this.#kept.delete(this.#kept.keys().next().value!);
  }

  /** The address says what is shown, so that it can be sent to somebody, and other pages move with it. */
  #address(): void {
    const query = this.#query();
    const address = query ? `${location.pathname}?${query}` : location.pathname;
    if (address !== location.pathname + location.search) history.replaceState(null, "", address);
    carry(query);
  }
}

/** The links of the frame go to the instant that is shown. */
function carry(query: string): void {
  const shown = new URLSearchParams(query);
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".top a[href]")) {
    const to = new URL(link.href);
    for (const key of ["as_of", "known_at"]) {
      const value = shown.get(key);
      if (value) to.searchParams.set(key, value);
      else to.searchParams.delete(key);
    }
    link.href = to.href;
  }
}
