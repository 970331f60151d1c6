// What was typed and not sent is kept in this browser, for this person and record, until it is sent, cleared, or the
// person signs out: a page that is loaded again has it, and so has the one behind a new sign-in.

const BEGINS = "genjin-draft:";
const SKIPPED = new Set(["csrf", "ref", "state", "back", "write"]);
const restoring = new WeakSet();

function name(form) {
  return form.dataset.draft ? BEGINS + form.dataset.draft : null;
}

function read(form) {
  const told = {};
  for (const [key, value] of new FormData(form)) if (typeof value === "string" && !SKIPPED.has(key)) (told[key] ??= []).push(value);
  return told;
}

/** Whether a form has anything that somebody would miss. */
function isWorth(form, told) {
  const unsaid = ["key", "direction", "connected", "callee", "category"];
  return Object.entries(told).some(([key, values]) => !unsaid.includes(key) && values.some(Boolean));
}

function marks(form, kept) {
  for (const mark of form.querySelectorAll("[data-draft-kept], [data-clear]")) mark.hidden = !kept;
}

function save(form) {
  const key = name(form);
  if (!key || restoring.has(form) || !form.isConnected) return;
  const told = read(form);
  try {
    if (!isWorth(form, told)) {
      localStorage.removeItem(key);
      return marks(form, false);
    }
    const names = Object.fromEntries(
      [...form.querySelectorAll("[data-mentions] input:checked")].map((input) => [input.value, input.closest("label").textContent.trim().slice(1)]),
    );
    localStorage.setItem(key, JSON.stringify({ told, names, at: Date.now() }));
    marks(form, true);
  } catch {
    // no room, or not allowed: the form works without
  }
}

async function restoreUploads(form, told) {
  const list = form.querySelector("[data-uploads]");
  for (const field of ["attachment_ids", "attachment_file_ids", "audio_ids"])
    for (const id of told[field] ?? []) {
      if (!list || list.querySelector(`[data-upload="${CSS.escape(id)}"]`)) continue;
      try {
        const answer = await fetch(`/uploads/${encodeURIComponent(id)}?as=${field}`, { headers: { "HX-Request": "true" } });
        const chip = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-upload]");
        if (chip) list.append(document.adoptNode(chip));
      } catch {
        return;
      }
    }
}

async function restore(form) {
  const key = name(form);
  let kept;
  try {
    kept = key && JSON.parse(localStorage.getItem(key));
  } catch {
    return;
  }
  if (!kept || form.querySelector(".wrong:not([hidden]), .message.bad")) return; // the server has shown what was sent
  restoring.add(form);
  const { told, names = {} } = kept;
  for (const input of form.elements) {
    if (!input.name || SKIPPED.has(input.name) || input.type === "file" || !(input.name in told)) continue;
    const values = told[input.name];
    if (input.type === "radio" || input.type === "checkbox") input.checked = values.includes(input.value);
    else if (input.multiple) for (const option of input.options) option.selected = values.includes(option.value);
    else if (input.tagName !== "SELECT" || [...input.options].some((option) => option.value === values[0])) input.value = values[0];
  }
  for (const id of told.at_user_ids ?? []) if (names[id]) form.dispatchEvent(new CustomEvent("genjin:mention", { bubbles: true, detail: { id, name: names[id] } }));
  await restoreUploads(form, told);
  restoring.delete(form);
  marks(form, true);
  const rare = form.querySelector("[data-rare]");
  if (rare && [...rare.querySelectorAll("input, select, textarea")].some((each) => (/radio|checkbox/.test(each.type) ? each.checked : each.value))) rare.open = true;
  form.dispatchEvent(new CustomEvent("genjin:restored", { bubbles: true }));
}

function forget(form) {
  const key = name(form);
  if (key) localStorage.removeItem(key);
}

const begun = new WeakSet();
function begin(form) {
  if (begun.has(form)) return;
  begun.add(form);
  restore(form);
}
const beginAll = (within) => {
  if (within.matches?.("form[data-write]")) begin(within);
  within.querySelectorAll?.("form[data-write]").forEach(begin);
};
document.addEventListener("htmx:load", (event) => beginAll(event.target));
beginAll(document);

for (const event of ["input", "change"])
  document.addEventListener(event, ({ target }) => {
    const form = target.closest?.("form[data-write]");
    if (form) save(form);
  });

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-clear]")) return;
  const form = event.target.closest("form");
  forget(form);
  form.querySelectorAll("[data-mentions] li, [data-uploads] li").forEach((each) => each.remove());
  for (const input of form.elements) if (["lat", "lng"].includes(input.name)) input.value = "";
  for (const field of form.querySelectorAll("textarea, input:not([type='hidden'], [type='radio'], [type='checkbox'])")) field.value = "";
  for (const input of form.querySelectorAll("input[type='checkbox']")) input.checked = false;
  for (const select of form.querySelectorAll("select")) select.selectedIndex = 0;
  const seen = new Set();
  for (const input of form.querySelectorAll("input[type='radio']")) if (!seen.has(input.name) && seen.add(input.name)) input.checked = true;
  marks(form, false);
  form.dispatchEvent(new CustomEvent("genjin:restored", { bubbles: true }));
});

// Sent: the draft has done its work. A form that is refused keeps it.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const form = event.detail.requestConfig?.elt;
  if (!form?.matches?.("form[data-write]") || event.detail.xhr.status >= 300) return;
  if ((event.detail.xhr.getResponseHeader("HX-Redirect") ?? "").startsWith("/sign-in")) return;
  forget(form);
  restoring.add(form);
});
