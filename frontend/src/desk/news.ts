// Says when something new came in and when the server is lost, and shows news at once where nobody is typing.
import htmx from "htmx.org";
import { Line } from "../line";
import { touched } from "./drafts";

const SETTLE_MILLIS = 400;

/** Follows a page that shows now; a page of the past does not change. */
export function listen(body: HTMLElement): void {
  if (body.dataset.live !== "yes") return;
  let settle = 0;
  const line = new Line(body.dataset, {
    news: () => {
      clearTimeout(settle);
      settle = window.setTimeout(renew, SETTLE_MILLIS);
    },
    minute: () => {
      if (!typing()) swap(".band");
    },
    changed: () => tell(line),
  });
  line.start();
}

/** Says what is wrong with the line to the server. */
function tell(line: Line): void {
  const notice = document.getElementById("line");
  if (!notice) return;
  const { state } = line;
  const wrong = state === "offline" || state === "lost" || state === "refused" ? state : line.log ? null : "log";
  notice.hidden = wrong === null;
  if (wrong === null) return;
  notice.querySelector("span")!.textContent = notice.dataset[wrong]!.replace("{}", line.since);
  notice.querySelector("a")!.hidden = wrong !== "refused";
}

function renew(): void {
  if (typing()) {
    const news = document.getElementById("news");
    if (news) news.hidden = false;
  } else [".band", "#content"].forEach(swap);
}

/** Puts a part of the page as it is now in the place of what is shown. */
function swap(part: string): void {
  if (!document.querySelector(part)) return;
  void htmx.ajax("get", location.pathname + location.search, { target: part, select: part, swap: "outerHTML" });
}

/** Whether somebody has begun to fill something in: what they typed is never lost. */
function typing(): boolean {
  if (document.activeElement?.closest("main form, main details[open]")) return true;
  return document.querySelector(".refusal") !== null || [...document.querySelectorAll("form")].some(touched);
}
