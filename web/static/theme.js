// Runs before the page is drawn, so that a chosen theme never flashes. Classic script: modules come too late.
"use strict";
(function () {
  const root = document.documentElement;
  function chosen() {
    try {
      return localStorage.getItem("ordi-theme") || "";
    } catch {
      return "";
    }
  }
  function wear(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    }
  }
  wear(chosen());
  document.addEventListener("DOMContentLoaded", function () {
    for (const group of document.querySelectorAll("[data-themes]")) group.hidden = false;
    wear(chosen());
  });
  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    try {
      if (button.dataset.themeChoice) localStorage.setItem("ordi-theme", button.dataset.themeChoice);
      else localStorage.removeItem("ordi-theme");
    } catch {
      // Private browsing: the choice lasts for this page only.
    }
    wear(button.dataset.themeChoice);
  });
})();
