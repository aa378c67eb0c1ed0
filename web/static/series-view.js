// The page of series, drawn from what is known. Words come from the page, which was made in the reader's language.
const HISTORY = 60;

export function makeView(root) {
  const one = (name) => root.querySelector(`[data-${name}]`);
  const fill = (text, told) => text.replace(/\{(\w+)\}/g, (_all, name) => told[name] ?? "");
  const say = (name, told = {}) => fill(root.dataset[name], told);
  const states = JSON.parse(root.dataset.states);
  const dock = { undo: document.querySelector("[data-undo]"), finish: document.querySelector("[data-finish]"), detail: document.querySelector("[data-finish-detail]") };

  function chip(tag) {
    const item = document.createElement("li");
    const text = document.createElement("span");
    text.className = "tag";
    text.translate = false;
    text.dir = "ltr";
    text.textContent = tag;
    item.append(text);
    return item;
  }

  function line({ tone, tag, text, href, label, press }) {
    const made = document.querySelector("template[data-line]").content.cloneNode(true);
    for (const mark of made.querySelectorAll(".mark")) mark.hidden = mark.dataset.tone !== tone;
    made.querySelector("[data-line-tag]").textContent = tag;
    made.querySelector("[data-line-text]").textContent = text;
    const button = made.querySelector("[data-line-button]");
    if (press) {
      button.hidden = false;
      button.textContent = label;
      button.addEventListener("click", () => press(button));
    } else button.remove();
    if (href) {
      const link = document.createElement("a");
      link.href = href;
      made.querySelector("[data-line-tag]").replaceWith(link);
      link.className = "tag";
      link.translate = false;
      link.textContent = tag;
    }
    return made;
  }

  function fold(name, tags) {
    one(name).hidden = !tags.length;
    const words = one(`${name}-n`);
    words.textContent = fill(words.dataset.say, { n: tags.length });
    one(`${name}-list`).replaceChildren(...tags.map(chip));
  }

  return {
    one,
    say,
    fill,
    dock,
    stateName: (code) => states[code] ?? code,

    // What waits: always in sight when there is any, or no network. `locked`: what to do about it, else false.
    bar({ waiting, others, aside, status }, locked) {
      const parts = [];
      if (locked) parts.push(locked);
      else if (status === "offline") parts.push(say("sayOffline"));
      if (waiting.length) parts.push(say("sayWaiting", { n: waiting.length }));
      if (status === "out" && waiting.length + others.length) parts.push(say("sayEnter"));
      const strangers = Map.groupBy ? Map.groupBy(others, (act) => act.name) : grouped(others);
      for (const [name, theirs] of strangers) parts.push(say("sayOthers", { name, n: theirs.length }));
      const bar = one("bar");
      bar.dataset.count = waiting.length;
      bar.dataset.status = status;
      bar.hidden = !parts.length && !aside.length;
      one("bar-text").textContent = parts.join(" · ");
      one("bar-door").hidden = status !== "out" && !others.length;
      for (const sign of document.querySelectorAll("[data-online]")) sign.hidden = status !== "online";
    },

    // What a person must look at: refused when the queue came back, or that the server could not take.
    conflicts(refused, aside, { saw, retry }) {
      const seen = document.querySelector("[data-say-seen]").textContent;
      const again = document.querySelector("[data-say-retry]").textContent;
      const lines = [
        ...refused.map((act) => line({ tone: "stop", tag: act.tag || "", text: `${act.title} ${act.text}`, label: seen, press: (button) => saw(act.uuid, button) })),
        ...aside.map((act) => line({ tone: "stop", tag: act.tag || "", text: act.aside === "server" ? say("sayAside") : act.aside, label: again, press: () => retry(act.uuid) })),
      ];
      one("conflicts").hidden = !lines.length;
      one("conflict-list").replaceChildren(...lines);
    },

    // Which step of the page: choose, which, doing.
    step(name, heading) {
      for (const part of ["locked", "choose", "which", "doing"]) one(part).hidden = part !== name;
      document.querySelector("[data-heading]").textContent = heading;
    },

    rows(title, rows, press) {
      one("which-title").textContent = title;
      one("which-list").replaceChildren(
        ...rows.map(({ text, small, kind, value }) => {
          const made = document.querySelector("template[data-row]").content.cloneNode(true);
          made.querySelector("[data-row-text]").textContent = text;
          made.querySelector("[data-row-small]").textContent = small ?? "";
          made.querySelector(kind === "lot" ? ".row-shelf" : ".row-lot").remove();
          made.querySelector("button").addEventListener("click", () => press(value));
          return made;
        }),
      );
    },

    tally({ count, expected, missing, surplus }) {
      one("figure").textContent = count;
      const words = one("expected");
      words.textContent = expected === null ? "" : fill(words.dataset.say, { expected });
      fold("missing", missing);
      fold("surplus", surplus);
    },

    list(entries) {
      one("list").replaceChildren(...entries.slice(-HISTORY).reverse().map((entry) => line(entry)));
    },

    found(rows) {
      one("list").replaceChildren(
        ...rows.map((row) => line({ tone: "ok", tag: row.tag, href: `${root.dataset.machines}/${row.tag}`, text: `${row.shelf ? say("sayFound", { shelf: row.shelf }) : say("sayNoShelf")} · ${states[row.state] ?? row.state}` })),
      );
    },
  };
}

function grouped(acts) {
  const groups = new Map();
  for (const act of acts) groups.set(act.name, [...(groups.get(act.name) ?? []), act]);
  return groups;
}
