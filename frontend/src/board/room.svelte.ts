// What the page knows: the board at an instant, the marks of the whole record, and how good the connection is.
import { stamp } from "./said";
import type { Board, Halt, Marks } from "./view";

export type Connection = "loading" | "good" | "offline" | "refused" | "failed";
export type Known = "all" | "then" | "other";
export interface Addresses {
  board: string;
  marks: string;
  stream: string;
  tiles: string | null;
}

const KEPT_MOST = 48;
const RENEW_MILLIS = 20_000;
const SETTLE_MILLIS = 250;

export class Room {
  board = $state.raw<Board | null>(null);
  marks = $state.raw<Marks | null>(null);
  connection = $state<Connection>("loading");
  failure = $state("");
  busy = $state(false);
  /** Milliseconds; null follows the record's end. Moves at once, the board comes after. */
  cursor = $state<number | null>(null);
  known = $state<Known>("all");
  knownAt = $state<string | null>(null);
  heard = $state(0);

  #addresses: Addresses;
  #wanted: string | null = null;
  #shown: string | null = null;
  #kept = new Map<string, Board>();
  #stream: EventSource | null = null;
  #settle = 0;
  #epoch = 0;
  #asked = false;

  constructor(addresses: Addresses, query: URLSearchParams) {
    this.#addresses = addresses;
    const [asOf, knownAt] = [query.get("as_of"), query.get("known_at")];
    if (asOf) this.cursor = Date.parse(asOf);
    if (knownAt) {
      this.known = asOf && Date.parse(asOf) === Date.parse(knownAt) ? "then" : "other";
      this.knownAt = knownAt;
    }
  }

  /** Whether the server says at once what comes in. */
  streaming = $state(false);
  /** Whether the server has its log. */
  log = $state(true);

  get tiles(): string | null {
    return this.#addresses.tiles;
  }

  get following(): boolean {
    return this.cursor === null;
  }

  start(): void {
    void this.load();
    void this.loadMarks();
    this.listen();
    setInterval(() => {
      if (this.#stream?.readyState !== EventSource.OPEN || this.connection !== "good") this.renew();
    }, RENEW_MILLIS);
    addEventListener("online", () => this.renew());
    addEventListener("offline", () => (this.connection = "offline"));
  }

  /** Moves every part of the page to an instant; null goes to the record's end. */
  moveTo(millis: number | null): void {
    this.cursor = millis;
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
    if (this.cursor === null) query.delete("as_of");
    else if (this.board || this.marks) query.set("as_of", stamp(this.cursor, like));
    if (this.known === "all") query.delete("known_at");
    else if (this.known === "then") {
      const at = query.get("as_of") ?? this.board?.as_of;
      if (at) query.set("known_at", at);
    } else if (this.knownAt) query.set("known_at", this.knownAt);
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
      // A rehearsal shows what was known then without being asked: its clock is in the past.
      if (this.known === "all" && !this.#asked && board.known_at === board.as_of) this.known = "then";
      this.#asked = true;
      this.connection = "good";
      this.heard = Date.now();
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

  renew(): void {
    clearTimeout(this.#settle);
    this.#settle = window.setTimeout(() => {
      this.#epoch++;
      this.#kept.clear();
      this.#shown = null;
      void this.load();
      void this.loadMarks();
    }, SETTLE_MILLIS);
  }

  listen(): void {
    if (!this.#addresses.stream) return;
    this.#stream = new EventSource(this.#addresses.stream);
    this.#stream.onopen = () => (this.streaming = true);
    this.#stream.onerror = () => (this.streaming = false);
    this.#stream.addEventListener("event", () => this.renew());
    this.#stream.addEventListener("log", (told: MessageEvent<string>) => (this.log = JSON.parse(told.data).log));
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
      if (!quietly) this.connection = "offline";
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
    document.dispatchEvent(new CustomEvent("safepassage:moved", { detail: query }));
  }
}
