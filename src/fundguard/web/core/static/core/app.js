// Behaviour of every page: menu, dialogs, keys, copy, charts. No framework; what a page says stands in its data attributes.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (text) => { document.getElementById("spoken").textContent = text; };

  // ---- one listener for clicks: the nearest element with a known attribute answers
  const clicks = {
    menu(button) {
      const open = document.body.classList.toggle("menu-open");
      button.setAttribute("aria-expanded", String(open));
      if (open) document.querySelector("#side a")?.focus();
    },
    open(button) { document.querySelector(button.dataset.open)?.showModal(); },
    close(button) { button.closest("dialog").close(); },
    copy(button) { copy(button.dataset.copy); },
    username(button) {
      document.querySelector("input[name=username]").value = button.dataset.username;
      document.querySelector("input[name=password]").value = button.dataset.password;
      document.querySelector("form button[type=submit]").focus();
    },
  };
  document.addEventListener("click", (event) => {
    for (const [name, act] of Object.entries(clicks)) {
      const element = event.target.closest(`[data-${name}]`);
      if (element) return act(element, event);
    }
    if (event.target instanceof HTMLDialogElement) event.target.close(); // the dark ground around a dialog
  });
  document.addEventListener("click", (event) => closePopups(event.target));

  function closePopups(except) {
    all("details.gov-user[open]").forEach((popup) => { if (!popup.contains(except)) popup.open = false; });
  }
  function closeMenu() {
    if (!document.body.classList.contains("menu-open")) return;
    const button = document.querySelector("[data-menu]");
    document.body.classList.remove("menu-open");
    button.setAttribute("aria-expanded", "false");
    button.focus();
  }

  // ---- typed text outlives a session that has ended: kept in this tab when a form is sent, filled in again after signing in
  const fillable = "textarea, select, input:not([type=password], [type=file], [type=hidden], [type=submit])";
  const draftKey = () => `draft:${location.pathname}`;
  const named = (form) => all(fillable, form).filter((field) => field.name && field.autocomplete !== "one-time-code");
  function keepDraft(form) {
    const typed = named(form).map((field) => [field.name, field.type === "checkbox" || field.type === "radio" ? field.checked : field.value]);
    sessionStorage.setItem(draftKey(), JSON.stringify({ action: form.getAttribute("action") ?? "", typed }));
  }
  function returnDraft() {
    if (document.querySelector("input[name=username][autocomplete=username]") || document.querySelector("#code")) return; // still signing in
    const kept = sessionStorage.getItem(draftKey());
    Object.keys(sessionStorage).filter((key) => key.startsWith("draft:")).forEach((key) => sessionStorage.removeItem(key));
    if (!kept || !/^\/login\//.test(new URL(document.referrer || location.href).pathname)) return;
    const { action, typed } = JSON.parse(kept);
    const form = all("form").find((one) => one.method === "post" && (one.getAttribute("action") ?? "") === action);
    if (!form) return;
    named(form).forEach((field, place) => {
      const [name, value] = typed[place] ?? [];
      if (name !== field.name) return;
      if (typeof value === "boolean") field.checked = value; else field.value = value;
    });
    form.closest("dialog")?.showModal();
    say("已填回登录过期前填写的文字，请核对后重新提交。");
  }
  document.addEventListener("submit", (event) => { if (event.target.method === "post" && !event.target.closest(".gov-alone")) keepDraft(event.target); });
  document.addEventListener("DOMContentLoaded", returnDraft);

  // ---- a file that is too large is told before it is sent: data-most is in MB
  document.addEventListener("change", (event) => {
    const most = Number(event.target.dataset?.most);
    if (event.target.type !== "file" || !most) return;
    const large = [...event.target.files].find((file) => file.size > most * 1024 * 1024);
    event.target.setCustomValidity(large ? `“${large.name}”超过 ${most} MB，请压缩或者拆分后再选。` : "");
    event.target.reportValidity();
  });

  // ---- a second press on a form that is already on its way does nothing
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.matches("[hx-post]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 3000); // a download leaves the page as it is
  });

  // ---- keys: j and k walk down and up the rows of a list; Enter then follows the link that has the focus
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { closePopups(null); closeMenu(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    if (event.key !== "j" && event.key !== "k") return;
    const links = all("table[data-rows] tbody tr").map((row) => row.querySelector("a")).filter(Boolean);
    const row = document.activeElement.closest("table[data-rows] tbody tr");
    const here = row ? links.indexOf(row.querySelector("a")) : -1;
    const there = here < 0 ? 0 : here + (event.key === "j" ? 1 : -1);
    links[there]?.focus();
  });

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // without HTTPS a browser has no clipboard object
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "visually-hidden";
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      if (!done) return say("未能复制，请手动选择文字复制。");
    }
    say("已复制");
  }

  // ---- what scrolls sideways can be reached and moved with the keyboard, and says what it is
  const scrolling = new ResizeObserver((entries) => entries.forEach(({ target }) => {
    if (target.scrollWidth <= target.clientWidth) return ["tabindex", "role", "aria-label"].forEach((name) => target.removeAttribute(name));
    target.tabIndex = 0;
    target.setAttribute("role", "region");
    target.setAttribute("aria-label", target.closest(".card")?.querySelector(".card-title")?.textContent.trim() || document.title);
  }));
  const watchScrolling = () => all(".gov-scroll").forEach((box) => scrolling.observe(box));
  document.addEventListener("DOMContentLoaded", watchScrolling);
  document.addEventListener("htmx:after:swap", watchScrolling);

  // ---- charts: <div data-chart="ID"> draws the option in <script type="application/json" id="ID">
  const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => window.echarts.getInstanceByDom(target)?.resize()));
  function startCharts() {
    if (!window.echarts) return;
    for (const box of all("[data-chart]")) {
      if (window.echarts.getInstanceByDom(box)) continue;
      const option = JSON.parse(document.getElementById(box.dataset.chart).textContent);
      option.textStyle = { ...option.textStyle, fontFamily: getComputedStyle(document.body).fontFamily };
      window.echarts.init(box, null, { renderer: "svg" }).setOption(option);
      resized.observe(box);
    }
  }
  document.addEventListener("DOMContentLoaded", startCharts);
  document.addEventListener("htmx:after:swap", startCharts);
})();
