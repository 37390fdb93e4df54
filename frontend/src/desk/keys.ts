// Keys of the desks: n goes to the form of a new entry; and what a choice in it offers for the fields beside it.

/** Listens on the whole page, whose parts come and go. */
export function listenToKeys(page: Document): void {
  page.addEventListener("keydown", (event) => {
    if (event.code !== "KeyN" || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || writing(page.activeElement)) return;
    const form = page.querySelector<HTMLFormElement>('form[data-key="n"]');
    if (!form) return;
    event.preventDefault();
    begin(form, page.activeElement?.closest<HTMLElement>("[data-question]")?.dataset.question);
  });
  page.addEventListener("change", (event) => {
    const field = event.target;
    if (field instanceof HTMLSelectElement && field.name === "question") narrow(field);
  });
  page.addEventListener("input", (event) => {
    const field = event.target;
    if (field instanceof HTMLInputElement && field.name === "origin") follow(field);
  });
  page.querySelectorAll<HTMLSelectElement>('select[name="question"]').forEach(narrow);
}

function writing(element: Element | null): boolean {
  return element instanceof HTMLElement && (element.isContentEditable || element.matches("input, select, textarea"));
}

/** Goes to the first field to fill in: on a question that is looked at, the one after it. */
function begin(form: HTMLFormElement, question: string | undefined): void {
  const asked = form.querySelector<HTMLSelectElement>('select[name="question"]');
  if (asked && question) {
    asked.value = question;
    narrow(asked);
    form.querySelector<HTMLElement>('[name="stance"]')?.focus();
    return;
  }
  form.querySelector<HTMLElement>(":is(input, select, textarea):not([type=hidden])")?.focus();
}

/** Offers the answers to the chosen question only. */
function narrow(question: HTMLSelectElement): void {
  const answers = question.form?.querySelectorAll<HTMLOptionElement>("#known-answers option") ?? [];
  for (const answer of answers) answer.disabled = question.value !== "" && answer.dataset.question !== question.value;
}

/** Offers the side of a party that speaks for itself, where nobody typed one. Of relays and ratings nothing is known. */
function follow(origin: HTMLInputElement): void {
  const side = origin.form?.elements.namedItem("side");
  if (!(side instanceof HTMLInputElement) || side.value !== (side.dataset.offered ?? "")) return;
  const known = origin.form?.querySelectorAll<HTMLOptionElement>("#known-origins option") ?? [];
  side.value = side.dataset.offered = [...known].find((one) => one.value === origin.value)?.dataset.side ?? "";
}
