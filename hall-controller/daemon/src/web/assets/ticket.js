// The page of one ticket: puts each new state into the places the server made.
"use strict";

(() => {
  const { say, fill } = hall;
  const place = (name) => document.querySelector(`[data-ticket=${name}]`);
  const unknown = fill("ticket_unknown_wait");

  hall.onPicture((ticket) => {
    say(place("state"), fill(`ticket_${ticket.state}`, { label: ticket.window ?? "–" }));
    document.querySelector("[data-waits]").hidden = ticket.state !== "waiting";
    say(place("ahead"), ticket.ahead === null ? unknown : fill("kiosk_ahead_n", { n: ticket.ahead }));
    say(place("wait"), hall.about(ticket.estimate) || unknown);
  });
})();
