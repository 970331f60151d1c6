// New entries of the timeline that is open, as they happen. /live tells what changes anywhere; what may concern the record
// lets the page fetch what is newer than it has, under the filter of now. Others may ask for the same by the event
// "timeline:refresh".

const HIDDEN_MS = 60_000; // a page that nobody looks at for so long hears nothing until it is looked at again
const SOON_MS = 400; // what comes in so short a time is fetched once
const LATER_MS = 3_000; // the same of what is about another record, which may or may not belong to this one
const RETRY_MS = [3_000, 10_000, 30_000, 60_000];
const BELOW = ["contacts", "opportunities", "contracts", "leads"];

let source = null;
let tries = 0;
let wasOpen = false;
let hiding = null;
let retrying = null;
let due = null;
let timer = null;
let unseen = 0;

const timeline = () => document.getElementById("timeline");
const entries = () => document.getElementById("entries");

/** How soon a change has to be looked after; null for what cannot concern this record. */
function concerns(ref) {
  const [type, id] = timeline().dataset.subject.split("/");
  if (ref.type === type && String(ref.id) === id) return SOON_MS;
  return type === "customers" && (BELOW.includes(ref.type) || ref.type === "customers") ? LATER_MS : null;
}

/** The element that shows an entry, by itself or within a run of edits. */
function shown(id) {
  const whole = document.getElementById(`entry-${id}`);
  return whole ?? entries()?.querySelector(`[data-ids~="${id}"]`) ?? null;
}

function plan(ms) {
  const at = Date.now() + ms;
  if (due !== null && due <= at) return;
  due = at;
  clearTimeout(timer);
  timer = setTimeout(() => {
    due = null;
    fetchNewer();
    refreshHead();
  }, ms);
}

const ask = (path) => fetch(path, { headers: { "HX-Request": "true" }, credentials: "same-origin" });

function parts(text) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  return holder.content;
}

async function fetchNewer() {
  const section = timeline();
  if (!section || document.hidden) return;
  if (section.dataset.newest === undefined) return tell();
  const path = new URL(section.dataset.more, location.href);
  if (section.dataset.newest) path.searchParams.set("newer", section.dataset.newest);
  const answer = await ask(path).catch(() => null);
  if (!answer?.ok || timeline() !== section) return;
  const found = parts(await answer.text());
  if (found.querySelector("[data-gap]")) return tell();
  const fresh = putOnTop(found);
  if (fresh) tell(fresh);
}

/** Put entries on top, each under its day; those that are shown already stay, runs of edits that went on are replaced. */
function putOnTop(found) {
  const list = entries();
  let fresh = 0;
  let after = null; // what the next one comes behind; null for the top
  for (const node of [...found.children]) {
    if (node.matches("[data-day]")) {
      const there = list.querySelector(`[data-day="${node.dataset.day}"]`);
      if (there) after = there;
      else {
        after ? after.after(node) : list.prepend(node);
        after = node;
      }
      continue;
    }
    if (!node.matches("[data-entry]")) continue;
    const same = document.getElementById(node.id);
    const ids = (node.dataset.ids ?? "").split(" ").filter(Boolean);
    const part = ids.map(shown).find((each) => each && each !== same);
    if (same && same.dataset.ids === node.dataset.ids) {
      after = same;
      continue;
    }
    part?.remove();
    same?.remove();
    node.classList.add("is-new");
    after ? after.after(node) : list.prepend(node);
    window.htmx?.process(node);
    after = node;
    if (same || part) continue;
    fresh += 1;
    count(node);
  }
  if (fresh) {
    timeline().querySelector("[data-nothing]")?.remove();
    const newest = list.querySelector("[data-entry]");
    if (newest && !newest.dataset.ids) timeline().dataset.newest = newest.dataset.at;
  }
  return fresh;
}

/** One more of its group: on the chips. */
function count(entry) {
  const group = [...entry.classList].find((name) => name.startsWith("kind-"));
  for (const chip of [document.getElementById("kind-all"), document.getElementById(group)]) {
    const number = chip?.querySelector(".count");
    if (/^\d+$/.test(number?.textContent ?? "")) number.textContent = Number(number.textContent) + 1;
  }
}

/** Say quietly that there is something new, where one does not see it. */
function tell(fresh = 0) {
  const pill = document.querySelector("[data-news]");
  if (!pill) return;
  const top = entries().getBoundingClientRect().top;
  if (fresh && top > 0) return;
  unseen = fresh ? unseen + fresh : unseen;
  pill.querySelector("span").textContent = fresh ? pill.dataset.some.replace("%n", unseen) : pill.dataset.more;
  pill.dataset.here = fresh ? "1" : "";
  pill.hidden = false;
}

document.addEventListener("click", (event) => {
  const pill = event.target.closest("[data-news]");
  if (!pill) return;
  unseen = 0;
  pill.hidden = true;
  if (!pill.dataset.here) return; // it is a link to the newest
  event.preventDefault();
  timeline().scrollIntoView({ block: "start" });
});
addEventListener(
  "scroll",
  () => {
    const pill = document.querySelector("[data-news]");
    if (!pill || pill.hidden || !pill.dataset.here || entries().getBoundingClientRect().top < 0) return;
    unseen = 0;
    pill.hidden = true;
  },
  { passive: true },
);

async function refresh(id) {
  const old = shown(id);
  if (!old || old.dataset.ids) return;
  const answer = await ask(`/entries/${id}?subject=${encodeURIComponent(timeline().dataset.subject)}`).catch(() => null);
  if (!answer || !old.isConnected) return;
  if (!answer.ok) return answer.status === 404 ? takeOut(old) : undefined;
  const fresh = parts(await answer.text()).querySelector("[data-entry]");
  const opened = old.querySelector(".entry-said");
  if (fresh && opened?.hasChildNodes()) fresh.querySelector(".entry-said")?.replaceWith(opened);
  if (!fresh) return;
  const focused = old.contains(document.activeElement) && document.activeElement.closest(".entry-said");
  if (focused) return; // somebody is writing there
  old.replaceWith(fresh);
  fresh.classList.add("is-new");
  window.htmx?.process(fresh);
  if (opened?.hasChildNodes()) {
    fresh.querySelector("[data-comments]")?.setAttribute("aria-expanded", "true");
    window.htmx?.ajax("GET", `/entries/${id}/comments`, `#comments-${id}`);
  }
}

function takeOut(entry) {
  const day = entry.previousElementSibling;
  entry.remove();
  const next = day?.nextElementSibling;
  if (day?.matches("[data-day]") && !next?.matches("[data-entry]")) day.remove();
}

async function refreshHead() {
  const head = document.getElementById("record-head");
  if (!head || head.contains(document.activeElement)) return;
  const answer = await ask(`/${timeline().dataset.subject}/head`).catch(() => null);
  if (!answer?.ok) return;
  const fresh = parts(await answer.text()).getElementById("record-head");
  if (!fresh || fresh.innerHTML === head.innerHTML) return;
  head.replaceWith(fresh);
  window.htmx?.process(fresh);
}

function hear(event) {
  if (!timeline()) return;
  const item = JSON.parse(event.data);
  if (event.type === "removed") {
    if (shown(item.id)) refresh(item.id);
    return;
  }
  if (event.type === "reset" || event.type === "hidden") return plan(SOON_MS);
  const { id, subject, at } = item.activity;
  const soon = concerns(subject);
  if (soon === null) return;
  if (shown(id)) return refresh(id);
  const { newest } = timeline().dataset;
  if (event.type === "edited" && newest && Date.parse(at) < Date.parse(newest)) return;
  plan(soon);
}

function open() {
  if (source || document.hidden || !timeline()) return;
  clearTimeout(retrying);
  source = new EventSource("/live");
  for (const name of ["created", "edited", "shown", "removed", "hidden", "reset"]) source.addEventListener(name, hear);
  source.addEventListener("open", () => {
    if (wasOpen) plan(SOON_MS); // something may have happened meanwhile
    wasOpen = true;
    tries = 0;
  });
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) return; // it comes again by itself
    close();
    retrying = setTimeout(open, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
  });
}

function close() {
  source?.close();
  source = null;
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  if (document.hidden) hiding = setTimeout(close, HIDDEN_MS);
  else {
    open();
    plan(SOON_MS);
  }
});
addEventListener("pagehide", close);
addEventListener("pageshow", open);
document.addEventListener("timeline:refresh", () => plan(0));
if (document.readyState === "complete") open();
else addEventListener("load", open);
