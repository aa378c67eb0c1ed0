// A form of an office that is kept on the server as it is written: a moment after the last key, and before the page is left.
const PAUSE = 1200; // ms
const form = document.querySelector("form[data-saves]");
const said = form.querySelector("[data-saved]");
let waiting, busy, changed;

async function save() {
  clearTimeout(waiting);
  if (busy || !changed) return;
  busy = true;
  changed = false;
  let good = false;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "Ordi-Draft": "1" }, redirect: "manual" });
    good = answer.status === 204;
    if (good) form.elements.version.value = answer.headers.get("Ordi-Version");
  } catch {
    good = false;
  }
  said.textContent = good ? said.dataset.good : said.dataset.bad;
  form.dataset.kept = String(good);
  busy = false;
  if (!good) changed = true;
  else if (changed) later();
}

function later() {
  changed = true;
  clearTimeout(waiting);
  waiting = setTimeout(save, PAUSE);
}

// Written before this script was there, or given back by the browser.
function touched({ type, value, defaultValue, checked, defaultChecked, options }) {
  if (options) return value !== ([...options].find((one) => one.defaultSelected) ?? options[0])?.value;
  if (type === "checkbox" || type === "radio") return checked !== defaultChecked;
  return type !== "hidden" && defaultValue !== undefined && value !== defaultValue;
}
if ([...form.elements].some(touched)) later();

form.addEventListener("input", later);
form.addEventListener("change", later);
document.addEventListener("visibilitychange", () => document.hidden && save());

// A button waits for what is on its way, so that it carries the version that came back.
form.addEventListener("submit", (event) => {
  clearTimeout(waiting);
  if (!busy) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  const again = setInterval(() => {
    if (busy) return;
    clearInterval(again);
    clearTimeout(waiting);
    form.requestSubmit(button);
  }, 50);
}, { capture: true });
