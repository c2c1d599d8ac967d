/* Saves what is being written by itself, counts words, and says so politely. Without it the form's buttons do the same.
   Only the text goes out, as the form would send it: no keys, no times between them (P1). */
(() => {
  "use strict";
  const form = document.getElementById("writing");
  if (!form) return;

  const PAUSE = 3000;
  const LATEST = 15000;
  const AGAIN = 10000;
  const MOST_KEPT_ALIVE = 60000; // bytes; browsers refuse more from a page that is being left
  const text = form.elements.text;
  const version = form.elements.version;
  const saved = document.getElementById("saved");
  const trouble = document.getElementById("trouble");
  const choices = trouble.querySelector("[data-choices]");
  let kept = text.value;
  let timer = 0;
  let since = 0;
  let busy = null;
  let stopped = false;
  let theirs = "";

  const segmenter = window.Intl?.Segmenter && new Intl.Segmenter(document.documentElement.lang, { granularity: "word" });
  const count = (words) => {
    if (!segmenter) return words.split(/\s+/).filter(Boolean).length;
    let found = 0;
    for (const part of segmenter.segment(words)) if (part.isWordLike) found += 1;
    return found;
  };
  const show = () => {
    form.querySelector("[data-shows-count]").textContent = form.dataset.count.replace("{n}", count(text.value));
  };

  const warn = (words, choose = false) => {
    const place = trouble.querySelector("[data-words]");
    saved.textContent = "";
    if (place.textContent !== words) place.textContent = words;
    trouble.hidden = false;
    choices.hidden = !choose;
  };
  const calm = () => {
    trouble.hidden = true;
    trouble.querySelector("[data-words]").textContent = "";
  };

  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(() => save(), delay);
  };

  const answered = async (response, sent) => {
    if (response.ok) {
      const said = await response.json();
      version.value = said.version;
      kept = sent;
      calm();
      saved.textContent = form.dataset.saved.replace("{at}", said.at);
      // The count is spoken in these pauses only, never while somebody types.
      document.getElementById("announcements").textContent = form.querySelector("[data-shows-count]").textContent;
      if (text.value !== kept) later(PAUSE);
      return;
    }
    if (response.status >= 500 || response.status === 429) {
      warn(form.dataset.offline);
      later(AGAIN);
      return;
    }
    const said = await response.json().catch(() => null);
    stopped = said?.code !== "too_long";
    theirs = said?.version ?? "";
    if (!said) warn(form.dataset.closed);
    else if (said.code === "windows_differ") warn(said.words, true);
    else warn(said.words);
  };

  const save = async (leaving = false) => {
    clearTimeout(timer);
    since = 0;
    if (stopped || busy || text.value === kept) return;
    const sent = text.value;
    const fields = new URLSearchParams(new FormData(form));
    fields.set("act", "draft");
    busy = fetch(form.action, {
      method: "POST",
      body: fields,
      headers: { Accept: "application/json" },
      keepalive: leaving && String(fields).length < MOST_KEPT_ALIVE,
    });
    try {
      await answered(await busy, sent);
    } catch {
      warn(form.dataset.offline);
      later(AGAIN);
    } finally {
      busy = null;
    }
  };

  text.addEventListener("input", () => {
    show();
    if (stopped) return;
    since ||= Date.now();
    later(Math.max(0, Math.min(PAUSE, LATEST - (Date.now() - since))));
  });
  document.addEventListener("visibilitychange", () => document.hidden && save(true));
  window.addEventListener("online", () => save());
  trouble.querySelector("[data-keep-mine]").addEventListener("click", () => {
    version.value = theirs;
    stopped = false;
    kept = null;
    calm();
    text.focus();
    save();
  });
  trouble.querySelector("[data-take-saved]").addEventListener("click", () => {
    stopped = true;
  });

  // A draft on its way would make this window's mark an old one: wait for it, then send the form itself.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    stopped = true;
    if (!busy) return;
    event.preventDefault();
    const button = event.submitter;
    busy.catch(() => null).then(() => setTimeout(() => form.requestSubmit(button), 50));
  });
  show();
})();
