// The line to the server: what comes in as it comes in, the minutes of the server's clock, and how good the line is.

/** `quiet`: no sign of life for too long, it is looked into; `lost`: the server cannot be reached. */
export type State = "opening" | "live" | "quiet" | "lost" | "offline" | "refused";

export interface Told {
  /** Something came into the log. */
  news: () => void;
  /** A minute of the server's clock has begun; or the page is shown, the server or its log there again. */
  minute: () => void;
  /** The state of the line, or of the server's log, is another. */
  changed: () => void;
}

/** A stream that has said nothing by then is held back on its way, as some proxies do: the long poll is used. */
const OPEN_MILLIS = 6_000;
/** The server says that it is there every 15 seconds, and answers a poll after 25. */
const QUIET_MILLIS = 40_000;
const WAIT_SECONDS = 25;
const LATE_MILLIS = 10_000;
const RETRY_MILLIS = 3_000;
/** Long polls before the stream is tried again. */
const POLLS_MOST = 20;

export class Line {
  state: State = "opening";
  /** Whether the server has its log. */
  log: boolean;

  #address: string;
  #after: string;
  #told: Told;
  #heard = Date.now();
  #skew = 0;
  #zone = "+00:00";
  #minute = 0;
  #open: AbortController | null = null;
  /** Ends what is waited for now. */
  #cut = (): void => undefined;

  /** `page`: what the page was made with says where it stands: `stream`, `seq`, `log`, and `now`, the server's clock. */
  constructor(page: DOMStringMap, told: Told) {
    this.#address = page.stream ?? "/stream";
    this.#after = page.seq ?? "0";
    this.#told = told;
    this.log = page.log !== "no";
    if (page.now) this.#set(page.now);
  }

  /** Follows while the page is seen: a browser keeps six connections to a host, and a hidden page needs none. */
  start(): void {
    document.addEventListener("visibilitychange", () => this.#turn());
    for (const kind of ["online", "offline"]) addEventListener(kind, () => this.check());
    setInterval(() => {
      if (this.state !== "live" || !this.#open || Date.now() - this.#heard < QUIET_MILLIS) return;
      this.#become("quiet");
      this.check();
    }, LATE_MILLIS / 2);
    this.#turn();
  }

  /** Looks at once whether the server can be reached. */
  check(): void {
    this.#cut();
  }

  /** The server's clock in milliseconds. */
  get now(): number {
    return Date.now() + this.#skew;
  }

  /** When the server was last heard, by its own clock: 12:00. */
  get since(): string {
    const sign = this.#zone.startsWith("-") ? -1 : 1;
    const minutes = sign * (Number(this.#zone.slice(1, 3)) * 60 + Number(this.#zone.slice(4, 6)));
    return new Date(this.#heard + this.#skew + minutes * 60_000).toISOString().slice(11, 16);
  }

  #turn(): void {
    if (document.hidden) {
      this.#open?.abort();
      this.#open = null;
      clearTimeout(this.#minute);
      this.#cut();
    } else if (!this.#open) {
      this.#open = new AbortController();
      void this.#follow(this.#open.signal);
      if (this.state !== "opening") this.#told.minute();
      this.#tick();
    }
  }

  /** The stream; where it breaks, a poll says what is wrong; where it does not open, polls take its place. */
  async #follow(end: AbortSignal): Promise<void> {
    while (!end.aborted) {
      const opened = await this.#stream();
      let [polls, wait] = [opened ? 1 : POLLS_MOST, 0];
      while (polls > 0 && !end.aborted) {
        if (await this.#poll(wait, end)) [polls, wait] = [polls - 1, WAIT_SECONDS];
        else {
          [polls, wait] = [1, 0];
          if (!end.aborted) await this.#pause();
        }
      }
    }
  }

  /** Listens until the stream breaks or is cut; whether it had opened. */
  #stream(): Promise<boolean> {
    return new Promise((ended) => {
      let opened = false;
      const source = new EventSource(`${this.#address}?after=${this.#after}`);
      const close = () => {
        clearTimeout(late);
        source.close();
        ended(opened);
      };
      const late = setTimeout(close, OPEN_MILLIS);
      this.#cut = close;
      source.onerror = close;
      for (const kind of ["ready", "here", "log", "event"]) {
        source.addEventListener(kind, (told: MessageEvent<string>) => {
          opened = true;
          clearTimeout(late);
          this.#after = told.lastEventId || this.#after;
          this.#hear(JSON.parse(told.data) as { now?: string; log?: boolean });
          if (kind === "event") this.#told.news();
        });
      }
    });
  }

  /** Asks once, and waits so many seconds for news; whether there was an answer. */
  async #poll(wait: number, end: AbortSignal): Promise<boolean> {
    const asking = new AbortController();
    this.#cut = () => asking.abort();
    const late = setTimeout(this.#cut, wait * 1_000 + LATE_MILLIS);
    try {
      const answer = await fetch(`${this.#address}?after=${this.#after}&wait=${wait}`, { signal: asking.signal });
      if (answer.ok) {
        const said = (await answer.json()) as { seq: number; now: string; log: boolean; events: unknown[] };
        this.#after = String(said.seq);
        this.#hear(said);
        if (said.events.length) this.#told.news();
        return true;
      }
      this.#become(answer.status === 401 || answer.status === 403 ? "refused" : "lost");
    } catch (error) {
      // fetch rejects so where there is no connection, and where it was cut
      if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
      if (!end.aborted) this.#become(navigator.onLine ? "lost" : "offline");
    } finally {
      clearTimeout(late);
    }
    return false;
  }

  #pause(): Promise<void> {
    return new Promise((over) => {
      const again = setTimeout(over, RETRY_MILLIS);
      this.#cut = () => {
        clearTimeout(again);
        over();
      };
    });
  }

  #hear({ now, log }: { now?: string; log?: boolean }): void {
    this.#heard = Date.now();
    if (now) {
      this.#set(now);
      this.#tick();
    }
    if (log !== undefined && log !== this.log) {
      this.log = log;
      this.#told.changed();
      this.#told.minute();
    }
    this.#become("live");
  }

  #become(state: State): void {
    if (this.state === state) return;
    const back = state === "live" && this.state !== "opening";
    this.state = state;
    this.#told.changed();
    if (back) this.#told.minute();
  }

  #set(now: string): void {
    this.#skew = Date.parse(now) - Date.now();
    this.#zone = now.slice(19);
  }

  /** Waits for the next minute of the server's clock, which is read in whole seconds and is never ahead. */
  #tick(): void {
    clearTimeout(this.#minute);
    if (!this.#open) return;
    this.#minute = setTimeout(
      () => {
        this.#told.minute();
        this.#tick();
      },
      60_250 - (this.now % 60_000),
    );
  }
}
