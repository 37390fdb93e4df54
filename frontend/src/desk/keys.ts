// Keys of the desks: n goes to the form of a new entry, and what was entered before fills in what follows from it.

/** Listens on the whole page, whose parts come and go. */
export function listenToKeys(page: Document): void {
  page.addEventListener("keydown", (event) => {
    if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || writing(page.activeElement)) return;
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

const UNKNOWN = { side: "", via: "", reliability: "F" };

/** What is known of an office that has spoken before; of another one nothing of the last stays that nobody typed. */
function follow(origin: HTMLInputElement): void {
  const form = origin.form;
  if (!form) return;
  const known = [...form.querySelectorAll<HTMLOptionElement>("#known-origins option")];
  const same = known.find((option) => option.value === origin.value);
  for (const name of ["side", "via", "reliability"] as const) {
    const field = form.elements.namedItem(name);
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) continue;
    if (field.value !== (field.dataset.filled ?? first(field))) continue;
    field.value = field.dataset.filled = same ? (same.dataset[name] ?? "") : UNKNOWN[name];
  }
}

/** What a field held before anybody typed. */
function first(field: HTMLInputElement | HTMLSelectElement): string {
  if (field instanceof HTMLInputElement) return field.defaultValue;
  return [...field.options].find((option) => option.defaultSelected)?.value ?? "";
}
