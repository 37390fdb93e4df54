// Drafts: what is typed into a desk's form stays in this tab until it was entered, through a session that ends too.

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const PREFIX = "draft ";
/** The draft that was sent last, of which no receipt has been seen. */
const SENT = "sent";

/** Gives back what was typed before, and keeps what is typed from now on. */
export function keepDrafts(page: Document): void {
  const sent = sessionStorage.getItem(SENT);
  if (sent && page.querySelector(".receipt")) sessionStorage.removeItem(sent);
  sessionStorage.removeItem(SENT);
  // A form that was refused is as it was typed.
  if (!page.querySelector(".refusal")) for (const form of forms(page)) give(form);
  for (const kind of ["input", "change"]) {
    page.addEventListener(kind, (event) => {
      const form = event.target instanceof Element ? event.target.closest("form") : null;
      if (form && keeps(form)) keep(form);
    });
  }
  page.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (keeps(form)) {
      keep(form);
      sessionStorage.setItem(SENT, name(form));
    } else if (new URL(form.action).pathname === "/sign-out") sessionStorage.clear();
  });
}

/** Whether something stands in a form that it did not come with. */
export function touched(form: HTMLFormElement): boolean {
  return fields(form).some((field) => {
    if (field.type === "hidden") return false;
    if (field instanceof HTMLSelectElement) return chosen(field).join() !== first(field).join();
    return field instanceof HTMLInputElement && field.type === "checkbox"
      ? field.checked !== field.defaultChecked
      : field.value !== field.defaultValue;
  });
}

function forms(page: Document): HTMLFormElement[] {
  return [...page.querySelectorAll("form")].filter(keeps);
}

/** What is sent to be entered is kept; nothing where a password is typed. */
function keeps(form: HTMLFormElement): boolean {
  return form.method === "post" && form.closest("main") !== null && !form.querySelector("[type=password]");
}

function fields(form: HTMLFormElement): Field[] {
  return [...form.querySelectorAll<Field>("input[name], select[name], textarea[name]")];
}

/** A draft is of an account, and of a form by where it is sent and what it is about. */
function name(form: HTMLFormElement): string {
  const about = fields(form).flatMap((field) => (field.type === "hidden" && field.name !== "id" ? [field.value] : []));
  return PREFIX + JSON.stringify([document.body.dataset.account, new URL(form.action).pathname, ...about]);
}

function keep(form: HTMLFormElement): void {
  // The id goes with what was typed: sent again after an answer that was lost, it is entered once.
  if (touched(form)) sessionStorage.setItem(name(form), JSON.stringify([...new FormData(form)]));
  else sessionStorage.removeItem(name(form));
}

function give(form: HTMLFormElement): void {
  const kept = sessionStorage.getItem(name(form));
  if (kept === null) return;
  const typed = JSON.parse(kept) as [string, string][];
  for (const field of fields(form)) {
    const values = typed.flatMap(([key, value]) => (key === field.name ? [value] : []));
    if (field instanceof HTMLSelectElement) for (const one of field.options) one.selected = values.includes(one.value);
    else if (field.type === "checkbox") (field as HTMLInputElement).checked = values.includes(field.value);
    else field.value = values[0] ?? "";
    const more = field.closest("details");
    if (more && values.some(Boolean)) more.open = true;
  }
  const said = document.getElementById("draft");
  if (!said) return;
  said.hidden = false;
  said.querySelector("button")?.addEventListener("click", () => {
    sessionStorage.removeItem(name(form));
    location.reload();
  });
}

function chosen(field: HTMLSelectElement): string[] {
  return [...field.selectedOptions].map((one) => one.value);
}

/** What a list came with: what is marked, else its first where one is always chosen. */
function first(field: HTMLSelectElement): string[] {
  const marked = [...field.options].filter((one) => one.defaultSelected);
  return (marked.length || field.multiple ? marked : [...field.options].slice(0, 1)).map((one) => one.value);
}
