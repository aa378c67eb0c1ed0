// What every page does when scripts run: it says when there is no network, prints, closes its menus, sends a form once.
import "./leaving.js";
import { lockAfter } from "./idle.js";
import "./forgetting.js";
import "./aloud.js";
import "./print.js";

// On a device of the workshop, whoever walks away is signed out.
const lock = document.querySelector("form[data-lock]");
if (lock) lockAfter(Number(document.documentElement.dataset.locks), () => lock.submit());

function network() {
  for (const bar of document.querySelectorAll("[data-offline]")) bar.hidden = navigator.onLine;
  for (const sign of document.querySelectorAll("[data-online]")) sign.hidden = !navigator.onLine;
}
addEventListener("online", network);
addEventListener("offline", network);
network();

// Menus are <details>: they open without script; with it, they close on Escape and on a tap elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.drop[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.drop[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A double tap with a gloved hand is one gesture.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 8000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A refused form puts the reader where the corrections are told.
document.querySelector("[data-errors]")?.focus();
