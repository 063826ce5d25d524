// The kiosk: a press takes a ticket, brings a missed one back, or checks in for an appointment; the ticket is shown for a while, then the menu is back.
"use strict";

(() => {
  // Longer than the server waits for the hall, so that its own sentence is the one shown.
  const TIMEOUT_MS = 15000;
  const { say, fill, language } = hall;
  const menu = document.querySelector(".menu");
  const ticket = document.querySelector(".ticket");
  const back = ticket.querySelector(".back");
  const zones = JSON.parse(menu.dataset.zones);
  const buttons = [...menu.querySelectorAll("button[data-service]")];
  const classes = [...menu.querySelectorAll("[name=class]")];
  const again = menu.querySelector(".back-again");
  // Only where a service has slots.
  const checkIn = document.querySelector(".check-in");
  const code = checkIn?.querySelector("[name=code]");
  const checkInKeys = checkIn ? [...checkIn.querySelectorAll("button")] : [];
  const closed = new Set(buttons.filter((button) => button.disabled));
  let busy = false;
  let countdown = 0;
  let idle = 0;

  hall.mayReload = () => !busy && ticket.hidden && (checkIn?.hidden ?? true);

  const lock = (locked) => {
    busy = locked;
    menu.setAttribute("aria-busy", locked);
    buttons.forEach((button) => (button.disabled = locked || closed.has(button)));
    classes.forEach((input) => (input.disabled = locked));
    again.querySelector("button").disabled = locked;
    checkInKeys.forEach((key) => (key.disabled = locked));
  };

  const showMenu = () => {
    clearInterval(countdown);
    clearTimeout(idle);
    ticket.hidden = true;
    if (checkIn) checkIn.hidden = true;
    menu.hidden = false;
  };

  // A code that somebody left half typed is gone before the next citizen comes.
  const awaitTyping = () => {
    clearTimeout(idle);
    idle = setTimeout(() => busy ? awaitTyping() : (forget(), showMenu()), 60000);
  };

  const showCheckIn = () => {
    say(checkIn.querySelector(".said"), "");
    checkIn.querySelector(".said").className = "said";
    menu.hidden = true;
    checkIn.hidden = false;
    code.focus();
    scrollTo(0, 0);
    awaitTyping();
  };

  const showTicket = (issued) => {
    const put = (name, text) => say(ticket.querySelector(`[data-ticket=${name}]`), text);
    put("number", issued.number);
    ticket.querySelector(".number").classList.toggle("long", issued.number.length > 4);
    put("service", issued[language]);
    put("zone", zones[issued.zone] ?? issued.zone);
    put("slot", issued.appointment ?? "");
    ticket.querySelector("[data-of-appointment]").hidden = !issued.appointment;
    // Without the line nobody knows who is ahead; the page says so.
    const known = issued.ahead !== null;
    put("ahead", known ? fill("kiosk_ahead_n", { n: issued.ahead }) : fill("kiosk_ahead_unknown"));
    ticket.querySelector(".offline").hidden = known;
    // Whoever is called at once has nothing to wait for.
    put("wait", known ? hall.about(issued.estimate) : fill("kiosk_ahead_unknown"));
    ticket.querySelector("[data-of-wait]").hidden = known && !issued.estimate;
    put("time", hall.timeOfDay(issued.issued_at_ms).slice(0, 5));
    clearTimeout(idle);
    if (checkIn) checkIn.hidden = true;
    menu.hidden = true;
    ticket.hidden = false;
    let left = Number(ticket.dataset.shownS);
    say(back, fill("kiosk_back", { s: left }));
    back.focus({ preventScroll: true });
    scrollTo(0, 0);
    clearInterval(countdown);
    countdown = setInterval(() => {
      left -= 1;
      say(back, fill("kiosk_back", { s: left }));
      if (left <= 0) showMenu();
    }, 1000);
  };

  // The next citizen starts with the first class and no number.
  const forget = () => {
    if (classes[0]) classes[0].checked = true;
    again.reset();
    checkIn?.querySelector("form").reset();
  };

  const ask = async (button, what, body) => {
    if (busy) return;
    const said = button.closest("section").querySelector(".said");
    lock(true);
    button.classList.add("pressed");
    said.className = "said";
    say(said, fill("kiosk_taking"));
    let sentence = "";
    try {
      const answer = await hall.post(`/api/kiosk/${menu.dataset.kiosk}/${what}`, body, TIMEOUT_MS);
      if (answer.ticket) {
        showTicket(answer.ticket);
        forget();
      }
      else sentence = (answer.refused ?? answer.error)[language];
    } catch {
      sentence = fill("kiosk_no_answer");
    }
    button.classList.remove("pressed");
    lock(false);
    said.classList.toggle("refused", sentence !== "");
    say(said, sentence);
  };

  const take = (button) => {
    const chosen = classes.find((input) => input.checked)?.value;
    ask(button, "take", { service: button.dataset.service, ...(chosen && { class: chosen }) });
  };

  buttons.forEach((button) => button.addEventListener("click", () => take(button)));
  again.addEventListener("submit", (event) => {
    event.preventDefault();
    const number = again.elements.number.value.trim().toUpperCase();
    ask(again.querySelector("button"), "return", { number });
  });
  if (checkIn) {
    menu.querySelector(".to-check-in").addEventListener("click", showCheckIn);
    checkIn.querySelector(".back").addEventListener("click", () => (forget(), showMenu()));
    checkIn.addEventListener("input", awaitTyping);
    const typed = (text) => {
      code.value = text.slice(0, code.maxLength);
      awaitTyping();
    };
    checkIn.querySelectorAll("[data-character]").forEach((key) =>
      key.addEventListener("click", () => typed(code.value + key.dataset.character)));
    checkIn.querySelector("[data-rub-out]").addEventListener("click", () => typed(code.value.slice(0, -1)));
    checkIn.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      ask(checkIn.querySelector(".go"), "check-in", { code: code.value.trim() });
    });
  }
  back.addEventListener("click", showMenu);
  // A finger that stays on Enter takes one ticket.
  document.addEventListener("keydown", (event) => event.repeat && event.preventDefault());

  hall.onPicture((picture) => {
    for (const service of picture.services) {
      const button = menu.querySelector(`[data-service="${service.id}"]`);
      if (!button) continue;
      if (service.open) closed.delete(button);
      else closed.add(button);
      button.disabled = busy || !service.open;
      const waiting = { n: service.waiting, t: service.until };
      const open = fill(service.until ? "kiosk_waiting_until" : "kiosk_waiting", waiting);
      const note = service.estimate ? `${open} · ${hall.about(service.estimate)}` : open;
      say(button.querySelector(".note"), service.open ? note : service.why[language]);
    }
  });
})();
