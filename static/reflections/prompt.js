/* Offers the clock of this browser, where none was chosen in the course before. */
(() => {
  "use strict";
  const zone = document.querySelector("select[data-guess]");
  if (!zone) return;
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((option) => option.value === own)) zone.value = own;
})();
