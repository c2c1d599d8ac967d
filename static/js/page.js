/* Small things of every page: copy buttons, focus after a part of the page was replaced, polite announcements. */
(() => {
  "use strict";
  const announce = (words) => {
    const place = document.getElementById("announcements");
    if (place) place.textContent = words;
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
      announce(button.dataset.copied);
      button.textContent = button.dataset.copied;
    } catch {
      // A frame may not write to the clipboard: select the words, so that the usual keys copy them.
      source.focus();
      source.select?.();
      announce(button.dataset.copyFailed);
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button);
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    const closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog")?.close();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const heading = event.target.querySelector?.("h1");
    if (!heading) return;
    heading.tabIndex = -1;
    heading.focus();
  });
  for (const time of document.querySelectorAll("[data-local-time]")) {
    const form = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    time.textContent = form.format(new Date(time.dateTime));
  }
  for (const hidden of document.querySelectorAll("[data-needs-script]")) hidden.hidden = false;
  // In a frame of another origin browsers ignore `autofocus`.
  document.querySelector("[data-focus]")?.focus();
})();
