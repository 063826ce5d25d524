// The hall screen: puts each new picture into the places the server made.
"use strict";

(() => {
  // How long a new call is lit up, in milliseconds of the wall.
  const FRESH_MS = 8000;
  const calls = document.querySelector(".calls");
  const rows = [...calls.querySelectorAll("li")];
  const { say, fill } = hall;
  let newest = null;
  let dim = 0;

  const latest = (picture) =>
    picture.zones
      .filter((zone) => !calls.dataset.zone || zone.id === calls.dataset.zone)
      .flatMap((zone) => zone.calls)
      .sort((a, b) => b.called_at_ms - a.called_at_ms);

  const putRow = (row, call) => {
    row.classList.toggle("vacant", !call);
    row.classList.toggle("long", Boolean(call) && (call.number.length > 5 || [...call.label].length > 2));
    say(row.querySelector(".number"), call ? call.number : "");
    say(row.querySelector(".window"), call ? fill("window", { label: call.label }) : "");
    row.querySelector(".again").hidden = !call || call.recalls === 0;
  };

  const light = (call) => {
    const id = call ? `${call.number} ${call.called_at_ms}` : "";
    if (newest !== null && newest !== id && call) {
      rows[0].classList.remove("fresh");
      // Reading a size makes the browser notice that the class was gone, so the light starts anew.
      void rows[0].offsetWidth;
      rows[0].classList.add("fresh");
      clearTimeout(dim);
      dim = setTimeout(() => rows[0].classList.remove("fresh"), FRESH_MS);
    }
    newest = id;
  };

  const doing = (window) => {
    if (window.mode === "closed") return ["closed", "mode_closed"];
    if (window.ticket) return [window.ticket.state, `state_${window.ticket.state}`];
    return [window.mode, `mode_${window.mode}`];
  };

  hall.onPicture((picture) => {
    const list = latest(picture);
    rows.forEach((row, i) => putRow(row, list[i]));
    document.querySelector(".nobody").hidden = list.length > 0;
    light(list[0]);
    for (const window of picture.windows) {
      const tile = document.querySelector(`[data-window="${window.id}"]`);
      if (!tile) continue;
      const [kind, words] = doing(window);
      tile.className = kind;
      say(tile.querySelector(".number"), window.ticket ? window.ticket.number : "");
      say(tile.querySelector(".state"), fill(words));
    }
    for (const service of picture.services) {
      say(document.querySelector(`[data-service="${service.id}"] .count`), service.waiting);
      say(document.querySelector(`[data-service="${service.id}"] .wait`), hall.about(service.estimate));
    }
    say(document.querySelector("[data-today]"), fill("screen_today", picture.totals));
  });
})();
