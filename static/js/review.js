/* Keys of the correction page. They can be switched off and rest while somebody types (WCAG 2.2, 2.1.4). */
(() => {
  "use strict";
  const form = document.getElementById("answer");
  const guide = document.getElementById("guide");
  const switcher = document.getElementById("keys");
  if (!form) return;

  // In some frames storage throws: then the choice holds for this page only.
  const recall = () => {
    try {
      return localStorage.getItem("review-keys") !== "off";
    } catch {
      return true;
    }
  };
  const keep = (on) => {
    try {
      localStorage.setItem("review-keys", on ? "on" : "off");
    } catch {
      /* nothing to keep it in */
    }
  };

  const labels = () => [...form.querySelectorAll("input[name=labels]")];
  const show = () => {
    const none = form.querySelector("[data-clear]");
    none?.setAttribute("aria-pressed", String(labels().every((label) => !label.checked)));
    document.body.classList.toggle("keys-off", !switcher.checked);
  };
  const clear = () => {
    for (const label of labels()) label.checked = false;
    show();
  };
  const open = (event) => {
    event.preventDefault();
    guide.showModal();
  };

  const typing = (target) =>
    target.isContentEditable || target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");

  const press = (event) => {
    const target = [...document.querySelectorAll("[data-key]")].find((node) => node.dataset.key === event.key.toLowerCase());
    if (target) {
      event.preventDefault();
      target.click();
      if (target.matches("input")) target.focus();
    } else if (event.key === "Enter" && !event.target.closest("button, a, summary")) {
      event.preventDefault();
      document.getElementById("save").click();
    }
  };

  form.addEventListener("change", (event) => {
    // Enthusiasm implies engagement.
    if (event.target.value === "enthusiasm" && event.target.checked) {
      form.querySelector("input[value=engagement]").checked = true;
    }
    show();
  });
  form.querySelector("[data-clear]")?.addEventListener("click", clear);
  document.querySelector("[data-guide]")?.addEventListener("click", open);
  switcher.checked = recall();
  switcher.addEventListener("change", () => {
    keep(switcher.checked);
    show();
  });
  document.addEventListener("keydown", (event) => {
    const modified = event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat;
    if (switcher.checked && !modified && !guide.open && !typing(event.target)) press(event);
  });
  show();
})();
