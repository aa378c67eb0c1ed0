// Typing a postcode offers its communes, and typing a commune its postcodes; then the priority districts of the one that is chosen. The list of the postcodes that
// begin alike is fetched once and kept: afterwards it works without a network. Without this script the fields are plain ones.
const kept = new Map();
const OFFERED = 6;

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, " ").trim().replace(/\bst\b/g, "saint").replace(/\bste\b/g, "sainte");

function near(address) {
  if (!kept.has(address)) {
    const asked = fetch(address, { credentials: "same-origin" }).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)));
    kept.set(address, asked);
    asked.catch(() => kept.delete(address));
  }
  return kept.get(address);
}

// Without a postcode: the communes near here whose name begins like this, each with its postcode.
async function byName(list, typed) {
  const begins = fold(typed);
  if (begins.length < 2 || !list) return [];
  let told;
  try {
    told = await near(list);
  } catch {
    return [];
  }
  const there = Object.entries(told.communes).flatMap(([at, communes]) => communes.map(([, name]) => [name, at, `${name} (${at})`]));
  const exact = there.filter(([name]) => fold(name) === begins);
  return (exact.length ? exact : there.filter(([name]) => fold(name).startsWith(begins))).slice(0, OFFERED);
}

const said = (field) => field.form.dispatchEvent(new Event("input")); // a draft that is kept hears of it

async function look(place, changed) {
  const [postcode, commune] = [place.querySelector("[name=postcode]"), place.querySelector("[name=commune]")];
  const [offers, unknown] = [place.querySelector("[data-place-offers]"), place.querySelector("[data-place-unknown]")];
  const code = postcode.value.trim();
  const list = place.closest("[data-places]")?.dataset.places;
  let told;
  try {
    told = /^\d{5}$/.test(code) && list ? await near(list.slice(0, -2) + code.slice(0, 2)) : null;
  } catch {
    told = null; // no network, and never seen: what is typed is enough
  }
  if (postcode.value.trim() !== code) return;
  const there = told?.communes[code] ?? [];
  unknown.hidden = !told?.listed || there.length > 0;
  const named = () => there.find(([, name]) => fold(name) === fold(commune.value));
  if (changed === postcode && (!commune.value.trim() || commune.value === place.dataset.filled) && !named()) {
    commune.value = place.dataset.filled = there.length === 1 ? there[0][1] : "";
    said(commune);
  }
  const choices = code ? (there.length < 2 ? [] : there.map(([, name]) => [name, code, name])) : await byName(list, commune.value);
  if (postcode.value.trim() !== code) return;
  offers.hidden = !choices.length;
  offers.replaceChildren(...choices.map(([name, at, label]) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: label });
    button.setAttribute("aria-pressed", String(code === at && named()?.[1] === name));
    button.addEventListener("click", () => {
      commune.value = place.dataset.filled = name;
      postcode.value = at;
      said(commune);
      look(place, commune).then(() => ([...offers.children].find((one) => one.textContent === name) ?? commune).focus());
    });
    return button;
  }));
  const living = place.closest("[data-living]");
  if (living && told) districts(living, told, named()?.[0]);
}

function districts(living, told, commune) {
  const there = (commune && told.districts[commune]) || [];
  const none = Boolean(commune && told.districts_listed && !there.length);
  const [note, box] = [living.querySelector("[data-place-none]"), living.querySelector("[data-place-districts]")];
  const choice = box.querySelector("select");
  const answer = (value) => {
    for (const one of living.querySelectorAll("[name=qpv]")) one.checked = one.value === value;
    said(choice);
  };
  const now = living.querySelector("[name=qpv]:checked")?.value ?? "";
  if (none && now === "") {
    living.dataset.byItself = "1";
    answer("no");
  } else if (!none && living.dataset.byItself) {
    delete living.dataset.byItself;
    answer("");
  }
  note.hidden = !none;
  if (choice.dataset.of !== (commune ?? "")) {
    choice.dataset.of = commune ?? "";
    const before = choice.value;
    choice.replaceChildren(choice.options[0], ...there.map(([code, name]) => new Option(name, code)));
    choice.value = there.some(([code]) => code === before) ? before : "";
  }
  box.hidden = !there.length || living.querySelector("[name=qpv]:checked")?.value === "no";
}

document.addEventListener("input", (event) => {
  const place = event.target.closest?.("[data-place]");
  if (place) look(place, event.target);
});
document.addEventListener("change", (event) => {
  const living = event.target.closest?.("[data-living]");
  if (!living) return;
  const [box, choice] = [living.querySelector("[data-place-districts]"), living.querySelector("[name=district]")];
  if (event.target.name === "qpv") {
    delete living.dataset.byItself;
    box.hidden = choice.options.length < 2 || event.target.value === "no";
    if (event.target.value !== "yes") choice.value = "";
  } else if (event.target === choice && choice.value) {
    living.querySelector("[name=qpv][value=yes]").checked = true;
  }
});

const ahead = document.querySelector("[data-places][data-places-ahead]");
if (ahead) near(ahead.dataset.places).catch(() => {});
