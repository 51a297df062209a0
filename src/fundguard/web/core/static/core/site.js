// Small behaviours of every page: the phone menu, dialogs, copying, and keys. No framework, no inline code.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu], [data-dialog], [data-close], [data-copy]");
  if (!button) return;
  if (button.hasAttribute("data-menu")) toggleMenu(button);
  if (button.dataset.dialog) openDialog(button);
  if (button.hasAttribute("data-close")) button.closest("dialog").close();
  if (button.dataset.copy) copy(button);
});

function toggleMenu(button) {
  const open = document.getElementById("menu").classList.toggle("open");
  button.setAttribute("aria-expanded", String(open));
}

// A button may carry values (data-set-NAME) for the fields of the dialog it opens.
function openDialog(button) {
  const dialog = document.getElementById(button.dataset.dialog);
  dialog.querySelectorAll("form").forEach((form) => form.reset());
  dialog.querySelectorAll("[data-answer]").forEach((place) => place.replaceChildren());
  for (const field of dialog.querySelectorAll("input[data-from]")) field.value = button.dataset[field.dataset.from] || "";
  dialog.showModal();
}

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.textContent;
  button.textContent = "已复制";
  setTimeout(() => { button.textContent = label; }, 1500);
}

// What a dialog opened does not stay in the page once the dialog is closed.
document.addEventListener("close", (event) => {
  event.target.querySelectorAll("[data-answer]").forEach((place) => place.replaceChildren());
}, true);

// "/" goes to the first filter, j and k walk through the rows of a list, Enter opens the row's link.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, dialog, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    const field = document.querySelector(".gov-filter input, .gov-filter select");
    if (field) { event.preventDefault(); field.focus(); }
  }
  if (event.key === "j" || event.key === "k") {
    const links = [...document.querySelectorAll(".gov-table tbody tr td:first-child a")];
    const next = links.indexOf(document.activeElement) + (event.key === "j" ? 1 : -1);
    if (links[next]) links[next].focus();
  }
});
