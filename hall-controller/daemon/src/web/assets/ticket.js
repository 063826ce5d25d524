// The page of one ticket: puts each new state into the places the server made.
"use strict";

(() => {
  const { say, fill } = hall;
  const place = (name) => document.querySelector(`[data-ticket=${name}]`);
  const unknown = fill("ticket_unknown_wait");

  hall.onPicture((ticket) => {
    if (ticket.service) say(place("service"), ticket.service[hall.language]);
    const then = ticket.then.map((matter) => matter[hall.language]).join(hall.language === "zh" ? "、" : ", ");
    say(place("then"), fill("ticket_then", { list: then }));
    place("then").hidden = then === "";
    say(place("state"), fill(`ticket_${ticket.state}`, { label: ticket.window ?? "–" }));
    document.querySelector("[data-waits]").hidden = ticket.state !== "waiting";
    say(place("ahead"), ticket.ahead === null ? unknown : fill("kiosk_ahead_n", { n: ticket.ahead }));
    say(place("wait"), hall.about(ticket.estimate) || unknown);
  });
})();
