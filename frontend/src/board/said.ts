// How the board says numbers, times and terms in its language.

export type People = [number, number, number];
export type Say = (term: string, ...values: (string | number)[]) => string;

/** A term in the board's language, with its values put in. */
export function sayer(terms: Record<string, string>): Say {
  return (term, ...values) => {
    let index = 0;
    return (terms[term] ?? term).replace(/\{\}/g, () => String(values[index++] ?? ""));
  };
}

/** Digits by locale; Arabic pages keep the digits of the record, as its readers in Syria write both. */
export function count(value: number, language: string): string {
  return value.toLocaleString(language === "ar" ? "ar-u-nu-latn" : "en-GB");
}

/** `1,250`, or `1,250 (1,200–1,300)` where it is a range; a question mark where nobody counted. */
export function people(range: People | null, language: string, say: Say): string {
  if (range === null) return "?";
  const [low, best, high] = range;
  const said = count(best, language);
  if (low === high) return said;
  if (low === best) return say("at least", said);
  return `${said} (${count(low, language)}–${count(high, language)})`;
}

/** The offset of a time, as people write it: UTC+2. */
export function zone(iso: string): string {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(iso) ?? [];
  if (sign === undefined) return "";
  return `UTC${sign}${Number(hours)}${minutes === "00" ? "" : `:${minutes}`}`;
}

/** The clock of the operation's own offset: what the record writes is what is shown, wherever the reader sits. */
export function time(iso: string, language: string): string {
  return `${day(iso, language)} ${split(iso)[1]}`;
}

export function day(iso: string, language: string): string {
  return new Date(`${split(iso)[0]}T00:00Z`).toLocaleDateString(language === "ar" ? "ar-SY-u-nu-latn" : "en-GB", {
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  });
}

export function clock(iso: string): string {
  return split(iso)[1];
}

function split(iso: string): [string, string] {
  return [iso.slice(0, 10), iso.slice(11, 16)];
}

/** A span in the two largest units that matter: `27 h 0 min`. */
export function span(minutes: number, say: Say): string {
  const whole = Math.max(0, Math.round(minutes));
  if (whole < 60) return say("minutes", whole);
  if (whole < 48 * 60 && whole % 60 === 0) return say("whole hours", whole / 60);
  if (whole < 48 * 60) return say("hours", Math.floor(whole / 60), whole % 60);
  return say("days", Math.floor(whole / 1440), Math.floor((whole % 1440) / 60));
}

export function minutesBetween(from: string, until: string): number {
  return (Date.parse(until) - Date.parse(from)) / 60000;
}

/** An instant as ISO 8601 in the operation's own offset, to the minute. */
export function stamp(millis: number, like: string): string {
  const offset = like.slice(16);
  const sign = offset.startsWith("-") ? -1 : 1;
  const minutes = offset === "Z" ? 0 : sign * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6)));
  return new Date(millis + minutes * 60000).toISOString().slice(0, 16) + offset;
}

const DAY_MILLIS = 86_400_000;

/** The midnights between two instants, by the operation's own offset. */
export function midnights(from: number, until: number, like: string): number[] {
  const first = Date.parse(`${stamp(from, like).slice(0, 10)}T00:00${like.slice(16)}`);
  const found: number[] = [];
  for (let at = first; at <= until; at += DAY_MILLIS) if (at >= from) found.push(at);
  return found;
}

export function percent(share: number, language: string): string {
  return share.toLocaleString(language === "ar" ? "ar-u-nu-latn" : "en-GB", { style: "percent" });
}

const MOTION_MARK: Record<string, string> = {
  moving: "▶",
  held: "❚❚",
  suspended: "■",
  over: "✓",
  "not begun": "○",
  "not known": "?",
};

/** A sign of a motion, so that colour is never alone; what moves, moves in the direction of reading. */
export function motionMark(motion: string, language: string): string {
  return motion === "moving" && language === "ar" ? "◀" : (MOTION_MARK[motion] ?? "?");
}

export const PHASE_MARK: Record<string, string> = {
  given: "✓",
  missing: "✕",
  withdrawn: "✕",
  expired: "⧖",
};
