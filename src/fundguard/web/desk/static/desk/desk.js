// Keys of the desk: an element with data-key is pressed by that key; Ctrl+Enter sends the form of a step.
"use strict";
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey) return;
    const form = event.target.closest("form[data-step]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[value=next]"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select, dialog")) return;
    const pressed = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === event.key);
    if (!pressed || pressed.getAttribute("aria-disabled") === "true") return;
    event.preventDefault();
    pressed.click();
  });
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-check-all]");
    if (!all) return;
    document.querySelectorAll("input[name=key]").forEach((box) => { box.checked = all.checked; });
  });
})();
