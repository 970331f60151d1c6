// Writing on a record: forms that open when they are touched, fields that grow, keys that send, and where one is.

const ready = new WeakSet();

/** A field is as high as what is written in it. */
function grow(field) {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

function open(form) {
  form.closest("[data-composer]")?.setAttribute("data-open", "");
}

/** Asks the browser where it is: `{lat, lng}`, or nothing where that is not told. */
function position(timeout) {
  return new Promise((found) => {
    if (!navigator.geolocation) return found(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => found({ lat: coords.latitude.toFixed(6), lng: coords.longitude.toFixed(6) }),
      () => found(null),
      { enableHighAccuracy: true, timeout, maximumAge: 60000 },
    );
  });
}

function tell(form, { lat, lng }) {
  form.elements.lat.value = lat;
  form.elements.lng.value = lng;
  form.elements.lat.dispatchEvent(new Event("input", { bubbles: true }));
}

function begin(form) {
  if (ready.has(form)) return;
  ready.add(form);
  form.setAttribute("data-live", "");
  form.querySelectorAll("[data-grows]").forEach(grow);
  const button = form.querySelector("[data-locate]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    const here = await position(15000);
    button.disabled = false;
    form.querySelector("[data-no-place]").hidden = Boolean(here);
    if (here) tell(form, here);
  });
}

/** What was found out of the place is seen, also where a draft had it. */
function showPlace(form) {
  const place = form.querySelector("[data-place]");
  if (!place) return;
  const { lat, lng } = form.elements;
  place.hidden = !lat.value;
  place.querySelector("[data-degrees]").textContent = lat.value && `${lat.value}, ${lng.value}`;
}

const forms = (within) => within.querySelectorAll?.("form[data-write]") ?? [];

function beginAll(within) {
  if (within.matches?.("form[data-write]")) begin(within);
  forms(within).forEach(begin);
  for (const composer of document.querySelectorAll("[data-composer]:not([data-fold])")) {
    if (!composer.querySelector(".tabs")) continue;
    composer.setAttribute("data-fold", "");
    if (composer.querySelector(".wrong:not([hidden]), .message.bad")) composer.setAttribute("data-open", "");
  }
}

document.addEventListener("htmx:load", (event) => beginAll(event.target));
beginAll(document);

document.addEventListener("focusin", (event) => {
  const form = event.target.closest("form[data-write]");
  if (form && event.target.matches("textarea, input:not([type='hidden']), select")) open(form);
});

document.addEventListener("change", (event) => {
  if (event.target.matches(".tabs input")) open(event.target);
});

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-grows]")) grow(event.target);
  const form = event.target.closest?.("form[data-write]");
  if (form && event.target.name === "lat") showPlace(form);
});
document.addEventListener("genjin:restored", (event) => {
  const form = event.target;
  form.querySelectorAll("[data-grows]").forEach(grow);
  showPlace(form);
  open(form);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  const form = event.target.closest("form[data-write]");
  if (!form) return;
  event.preventDefault();
  if (!form.querySelector("[data-send]").disabled) form.requestSubmit(form.querySelector("[data-send]"));
});

// Without htmx, too, a form is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-write]:not([hx-post])")) return;
  if (form.dataset.sending) event.preventDefault();
  form.dataset.sending = "1";
});
window.addEventListener("pageshow", () => document.querySelectorAll("[data-sending]").forEach((form) => delete form.dataset.sending));

// Where one is when one leaves: told if the browser knows it soon.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-locating]") || form.dataset.located) return;
  event.preventDefault();
  const here = await position(6000);
  if (here) tell(form, here);
  form.dataset.located = "1";
  form.requestSubmit();
});

// What a proxy says in the place of the server never takes a form's place.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status < 500 || xhr.getResponseHeader("HX-Retarget") || !requestConfig?.elt?.matches?.("form[data-write]")) return;
  event.detail.shouldSwap = false;
  const message = document.createElement("div");
  message.className = "message bad";
  message.textContent = document.body.dataset.offline;
  document.getElementById("messages").append(message);
});

// What was written is on the timeline; the page's address need not say so when it is sent to a colleague.
if (new URLSearchParams(location.search).has("written")) {
  const address = new URL(location.href);
  address.searchParams.delete("written");
  history.replaceState(history.state, "", address);
}
document.addEventListener("genjin:written", (event) => {
  const composer = event.target.closest?.("[data-composer]");
  composer?.removeAttribute("data-open");
  const first = composer?.querySelector(".tabs input");
  if (first) first.checked = true;
  document.activeElement?.blur?.();
  document.dispatchEvent(new Event("timeline:refresh"));
});
