// Keys of the desk: an element with data-key is pressed by that key; x chooses the row of a list that has the focus.
// The form of a step begins in its first field; Ctrl+Enter sends it, Escape leaves it.
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
    if (event.key === "Escape" && !document.querySelector("dialog[open], details[open]")) {
      if (event.target.closest("textarea") && event.target.value) event.target.blur(); // what was written is not lost by one press
      else document.querySelector("[data-leave]")?.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select, dialog")) return;
    const box = event.key === "x" && document.activeElement.closest("table[data-rows] tr")?.querySelector("input[name=key]");
    if (box) { box.checked = !box.checked; return; }
    const pressed = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === event.key);
    if (!pressed || pressed.getAttribute("aria-disabled") === "true") return;
    event.preventDefault();
    pressed.click();
  });
  const first = "form[data-step] :is(textarea, select, input:not([type=hidden]), button[value=next], button[type=submit])";
  document.addEventListener("DOMContentLoaded", () => document.querySelector(first)?.focus());
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-check-all]");
    if (!all) return;
    document.querySelectorAll("input[name=key]").forEach((box) => { box.checked = all.checked; });
  });
})();
