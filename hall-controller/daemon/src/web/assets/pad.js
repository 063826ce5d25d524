// The call pad: keys go to the hall with the ticket the pad showed, one at a time.
"use strict";

(() => {
  // Longer than the server waits for the hall, so that its own sentence is the one shown.
  const TIMEOUT_MS = 15000;
  const NEEDS_TICKET = new Set(["recall", "no_show", "start", "finish", "transfer", "park", "add_matter"]);
  const { say, fill, language } = hall;
  const device = document.querySelector(".device");
  const said = device.querySelector(".said");
  const reason = device.querySelector(".reason select");
  const since = device.querySelector("[data-since]") ?? device.querySelector(".state time");
  const buttons = [...device.querySelectorAll("button[data-key]")];
  const place = (selector) => device.querySelector(`.display ${selector}`);
  const more = device.querySelector(".more");
  const parked = more.querySelector(".parked");
  const field = (name) => more.querySelector(`[name="${name}"]`);
  const ends = new Set(["finish", "next"]);
  const names = (button) =>
    ends.has(button.dataset.key) ? ["outcome"] : (button.dataset.sends?.split(" ").filter(Boolean) ?? []);
  let underWay = null;
  let waiting = null;
  let sinceMs = since.dataset.since ? Number(since.dataset.since) : null;
  // The ticket the pad shows; the server's first picture says the same.
  let shown = place(".number").classList.contains("none") ? null : place(".number").textContent;

  hall.mayReload = () => !underWay;

  const elapsed = () => {
    if (sinceMs === null) return say(since, "");
    const seconds = Math.max(0, Math.floor((hall.nowMs() - sinceMs) / 1000));
    const pad = (n) => String(n).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    const rest = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
    say(since, fill("pad_since", { t: hours ? `${hours}:${rest}` : rest }));
  };

  const putKeys = (mode, ticket) => {
    const serving = ticket?.state === "serving";
    const hidden = {
      start: serving, finish: !serving,
      pause: mode === "paused", resume: mode !== "paused",
      open: mode !== "closed", close: mode === "closed",
    };
    const idle = {
      next: mode !== "open",
      recall: ticket?.state !== "called", no_show: ticket?.state !== "called", start: ticket?.state !== "called",
      pause: mode !== "open", close: Boolean(ticket),
    };
    for (const button of buttons) {
      button.hidden = hidden[button.dataset.key] ?? false;
      // Only paler: the hall decides, and says why not.
      button.classList.toggle("idle", idle[button.dataset.key] ?? false);
    }
  };

  const putParked = (numbers) => {
    if (numbers.join() === [...parked.querySelectorAll("button")].map((b) => b.dataset.number).join()) return;
    parked.hidden = numbers.length === 0;
    parked.querySelectorAll("button").forEach((button) => button.remove());
    for (const number of numbers) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.number = number;
      button.textContent = number;
      parked.append(button);
    }
  };

  const put = (window, services) => {
    const { ticket, mode } = window;
    shown = ticket?.number ?? null;
    sinceMs = ticket?.since_ms ?? null;
    const lamp = place(".lamp");
    lamp.dataset.lamp = window.lamp;
    lamp.setAttribute("aria-label", fill(`pad_lamp_${window.lamp}`));
    place(".mode").className = `mode ${mode}`;
    say(place(".mode"), fill(`mode_${mode}`));
    say(place(".reason"), window.reason ?? "");
    place(".number").classList.toggle("none", !ticket);
    place(".number").classList.toggle("long", shown !== null && shown.length > 4);
    say(place(".number"), ticket?.number ?? fill("pad_no_ticket"));
    const idle = fill(window.armed ? "pad_armed" : "pad_free");
    const free = mode === "open" ? idle : "";
    say(place(".state b"), ticket ? fill(`state_${ticket.state}`) : free);
    say(place(".recalls"), ticket?.recalls ? fill("pad_recalls", { n: ticket.recalls }) : "");
    say(place(".why"), window.why?.[language] ?? "");
    say(place(".service"), services.find((service) => service.id === ticket?.service)?.[language] ?? "");
    say(place(".clerk"), window.clerk ? fill("pad_clerk", { id: window.clerk }) : "");
    say(place(".waiting b"), window.waiting);
    putKeys(mode, ticket);
    putParked(window.parked);
    elapsed();
  };

  const mark = () => {
    device.setAttribute("aria-busy", underWay !== null);
    for (const button of buttons) {
      button.classList.toggle("pressed", button === underWay?.button);
      button.classList.toggle("waits", button === waiting?.button);
    }
  };

  const send = async (press) => {
    underWay = press;
    mark();
    const key = press.button.querySelector("span").textContent;
    said.className = "said busy";
    say(said, fill("pad_busy", { key }));
    let refused = "";
    try {
      const answer = await hall.post(`/api/window/${device.dataset.window}/press`, press.body, TIMEOUT_MS);
      refused = answer.done ? "" : (answer.refused ?? answer.error)[language];
    } catch {
      refused = fill("pad_no_answer");
    }
    said.className = refused ? "said refused" : "said done";
    say(said, refused || fill("pad_done", { key }));
    if (!refused) {
      names(press.button).forEach((name) => (field(name).value = ""));
    }
    underWay = null;
    const next = waiting;
    waiting = null;
    mark();
    // After a refusal the clerk looks first.
    if (next && !refused) send(next);
  };

  // One press is under way, and one other may wait for it; a second press of the same key is a
  // trembling finger. What concerns a ticket waits only with the ticket the clerk saw: a no-show
  // pressed right after NEXT must not meet a citizen nobody has looked for.
  const press = (button) => {
    const { key, carriesTicket } = button.dataset;
    const body = { key, ticket: carriesTicket === undefined ? null : shown, reason: null };
    if (key === "pause" && reason.value) body.reason = reason.value;
    for (const name of names(button)) {
      const value = field(name).value.trim();
      if (value) body[name] = name === "number" ? value.toUpperCase() : value;
    }
    if (!underWay) send({ button, body });
    else if (underWay.button !== button && !waiting && (body.ticket || !NEEDS_TICKET.has(key))) {
      waiting = { button, body };
      mark();
    }
  };

  buttons.forEach((button) => button.addEventListener("click", () => press(button)));
  // A number put aside is one press away from its keys.
  parked.addEventListener("click", (event) => {
    if (!event.target.dataset.number) return;
    field("number").value = event.target.dataset.number;
    more.querySelector('[data-key="unpark"]').focus();
  });
  document.addEventListener("keydown", (event) => {
    // Who types a number presses no key of the pad.
    if (event.target.matches("input")) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const button = buttons.find((button) => !button.hidden && button.dataset.digit === event.key);
    if (button || (event.repeat && event.target.matches("button"))) event.preventDefault();
    if (button && !event.repeat) press(button);
  });

  hall.onPicture((picture) => {
    const window = picture.windows.find((window) => window.id === device.dataset.window);
    if (window) put(window, picture.services);
  });
  elapsed();
  setInterval(elapsed, 1000);
})();
