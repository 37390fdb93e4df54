// Says when something new came into the log, and shows it at once where nobody is typing.
import htmx from "htmx.org";

const SETTLE_MILLIS = 400;

/** Listens to the live stream of a page that shows now; a page of the past does not change. */
export function listen(body: HTMLElement): void {
  const { stream, seq, live } = body.dataset;
  if (!stream || live !== "yes" || !("EventSource" in window)) return;
  let settle = 0;
  const source = new EventSource(`${stream}?after=${seq ?? 0}`);
  for (const kind of ["event", "log"]) {
    source.addEventListener(kind, () => {
      clearTimeout(settle);
      settle = window.setTimeout(renew, SETTLE_MILLIS);
    });
  }
  addEventListener("pagehide", () => source.close());
}

function renew(): void {
  if (typing()) {
    const news = document.getElementById("news");
    if (news) news.hidden = false;
    return;
  }
  for (const part of [".band", "#content"]) {
    if (document.querySelector(part)) {
      void htmx.ajax("get", location.pathname + location.search, { target: part, select: part, swap: "outerHTML" });
    }
  }
}

/** Whether somebody has begun to fill something in: what they typed is never lost. */
function typing(): boolean {
  if (document.activeElement?.closest("main form, main details[open]")) return true;
  const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("main form :is(input, textarea)");
  return [...fields].some((field) => field.type !== "hidden" && field.value !== field.defaultValue);
}
