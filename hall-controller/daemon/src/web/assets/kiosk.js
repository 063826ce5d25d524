// The kiosk: a press takes a ticket, several are chosen for one number, a press brings a missed one back, or checks in for an appointment; the ticket is shown for a while, then the menu is back.
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
  // Only where there is more than one service.
  const toSeveral = menu.querySelector(".to-several");
  const several = menu.querySelector(".several");
  // While several matters are chosen: their buttons, in the order of the citizen.
  let chosen = null;
  let busy = false;
  let countdown = 0;
  let idle = 0;

  hall.mayReload = () => !busy && !chosen && ticket.hidden && (checkIn?.hidden ?? true);

  const nameOf = (button) => button.querySelector(".name strong").textContent;

  // Which buttons can be pressed, and which are chosen.
  const refresh = () => {
    chosen = chosen?.filter((button) => !closed.has(button)) ?? null;
    const full = chosen?.length === Number(several?.dataset.most);
    buttons.forEach((button) => {
      const place = chosen?.indexOf(button) ?? -1;
      button.disabled = busy || closed.has(button) || (full && place < 0);
      if (chosen) button.setAttribute("aria-pressed", place >= 0);
      else button.removeAttribute("aria-pressed");
      if (place >= 0) button.dataset.place = place + 1;
      else delete button.dataset.place;
    });
    if (!several) return;
    several.hidden = !chosen;
    toSeveral.hidden = !!chosen;
    toSeveral.disabled = busy;
    const list = (chosen ?? []).map((button, place) => `${place + 1} ${nameOf(button)}`).join(" · ");
    say(several.querySelector(".chosen"), list && fill("kiosk_several_chosen", { list }));
    const go = several.querySelector(".go");
    say(go, fill("kiosk_several_take", { n: chosen?.length ?? 0 }));
    go.disabled = busy || !chosen?.length;
    several.querySelector(".back").disabled = busy;
  };

  const lock = (locked) => {
    busy = locked;
    menu.setAttribute("aria-busy", locked);
    refresh();
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

  const showTicket = (issued, matters) => {
    const put = (name, text) => say(ticket.querySelector(`[data-ticket=${name}]`), text);
    put("number", issued.number);
    ticket.querySelector(".number").classList.toggle("long", issued.number.length > 4);
    put("service", issued[language]);
    ticket.querySelector("[data-ticket=service]").hidden = matters.length > 1;
    ticket.querySelector(".several-taken").hidden = matters.length < 2;
    ticket.querySelector(".several-taken ol").replaceChildren(...matters.map((name) =>
      Object.assign(document.createElement("li"), { textContent: name })));
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
    chosen = null;
    refresh();
    checkIn?.querySelector("form").reset();
  };

  const ask = async (button, what, body, matters = []) => {
    if (busy) return;
    const said = button.closest("section").querySelector(".said");
    lock(true);
    button.classList.add("pressed");
    said.className = "said";
    say(said, fill("kiosk_taking"));
    let [sentence, notice] = ["", ""];
    try {
      const answer = await hall.post(`/api/kiosk/${menu.dataset.kiosk}/${what}`, body, TIMEOUT_MS);
      if (answer.ticket) {
        showTicket(answer.ticket, matters);
        forget();
      } else if (answer.cancelled) {
        forget();
        notice = fill("kiosk_cancelled", answer.cancelled);
      } else sentence = (answer.refused ?? answer.error)[language];
    } catch {
      sentence = fill("kiosk_no_answer");
    }
    button.classList.remove("pressed");
    lock(false);
    said.classList.toggle("refused", sentence !== "");
    say(said, sentence || notice);
  };

  const take = (button, matters) => {
    const kind = classes.find((input) => input.checked)?.value;
    const [service, ...also] = matters.map((matter) => matter.dataset.service);
    const body = { service, ...(kind && { class: kind }), ...(also.length && { also }) };
    ask(button, "take", body, matters.map(nameOf));
  };

  const choose = (button) => {
    chosen = chosen.includes(button) ? chosen.filter((other) => other !== button) : [...chosen, button];
    refresh();
    awaitTyping();
  };

  buttons.forEach((button) => button.addEventListener("click", () => chosen ? choose(button) : take(button, [button])));
  if (several) {
    toSeveral.addEventListener("click", () => {
      chosen = [];
      refresh();
      say(menu.querySelector(".said"), "");
      buttons.find((button) => !button.disabled)?.focus();
      scrollTo(0, 0);
      awaitTyping();
    });
    several.querySelector(".go").addEventListener("click", (event) => take(event.currentTarget, chosen));
    several.querySelector(".back").addEventListener("click", () => {
      clearTimeout(idle);
      chosen = null;
      refresh();
      toSeveral.focus();
    });
  }
  const numbered = () => again.elements.number.value.trim().toUpperCase();
  again.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(again.querySelector("[type=submit]"), "return", { number: numbered() });
  });
  // Whoever gives a number up presses twice: the first press may have been meant for the key beside it.
  const leave = again.querySelector(".leave");
  const doubt = () => {
    delete leave.dataset.sure;
    say(leave, fill("kiosk_cancel_key"));
  };
  again.addEventListener("input", doubt);
  again.addEventListener("reset", doubt);
  leave.addEventListener("click", () => {
    const number = numbered();
    if (!again.reportValidity()) return;
    if (leave.dataset.sure !== number) {
      leave.dataset.sure = number;
      say(leave, fill("kiosk_cancel_sure", { number }));
      return;
    }
    doubt();
    ask(leave, "cancel", { number });
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
      const waiting = { n: service.waiting, t: service.until };
      const open = fill(service.until ? "kiosk_waiting_until" : "kiosk_waiting", waiting);
      const note = service.estimate ? `${open} · ${hall.about(service.estimate)}` : open;
      say(button.querySelector(".note"), service.open ? note : service.why[language]);
    }
    refresh();
  });
})();
