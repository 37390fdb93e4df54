// Draws the record along the time slider: the motion as a band whose height tells it too, the events as ticks under it.
import type { Marks } from "./view";

const HEIGHTS: Record<string, number> = { moving: 1, held: 0.62, suspended: 0.42, "not known": 0.18, over: 0.18, "not begun": 0.08 };
const COLOURS: Record<string, string> = {
  moving: "#1b7046",
  held: "#c77700",
  suspended: "#b3261e",
  "not known": "#8f9a9e",
  over: "#1b7046",
  "not begun": "#8f9a9e",
};
const BAND = 20;

/** Draws once for a record and a width; the cursor is another element, so that moving it draws nothing. */
export function draw(canvas: HTMLCanvasElement, marks: Marks, from: number, until: number, rtl: boolean): void {
  const ratio = Math.max(1, window.devicePixelRatio);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  if (!pen || !width) return;
  pen.setTransform(rtl ? -ratio : ratio, 0, 0, ratio, rtl ? width * ratio : 0, 0);
  const x = (instant: number) => ((instant - from) / (until - from)) * width;
  const halts = marks.halts.map((halt) => ({ ...halt, instant: Date.parse(halt.at) }));
  halts.forEach((halt, index) => {
    const [left, right] = [x(halt.instant), x(halts[index + 1]?.instant ?? until)];
    const tall = BAND * (HEIGHTS[halt.motion] ?? 0.1);
    pen.fillStyle = COLOURS[halt.motion] ?? "#8f9a9e";
    pen.fillRect(left, BAND - tall, Math.max(0.6, right - left), tall);
  });
  pen.fillStyle = "#d9dedd";
  pen.fillRect(0, BAND, width, 1);
  const [acts, talk] = [new Uint16Array(Math.ceil(width) + 1), new Uint16Array(Math.ceil(width) + 1)];
  const start = Date.parse(marks.starts);
  marks.minutes.forEach((minute, index) => {
    const at = Math.round(x(start + minute * 60_000));
    if (at >= 0 && at < acts.length) (marks.weights[index] === 2 ? acts : talk)[at]!++;
  });
  const most = height - BAND - 2;
  for (let at = 0; at < acts.length; at++) {
    if (talk[at]) {
      pen.fillStyle = "#9aa5a9";
      pen.fillRect(at, BAND + 2, 1, Math.min(most, 3 + 2 * Math.sqrt(talk[at]!)));
    }
    if (acts[at]) {
      pen.fillStyle = "#1b2326";
      pen.fillRect(at, BAND + 2, 1, Math.min(most, 4 + 3 * Math.sqrt(acts[at]!)));
    }
  }
}
