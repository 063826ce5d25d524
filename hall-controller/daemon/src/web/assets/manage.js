// The manager's page: what the hall is doing, what the balancer proposes, and orders by token.
"use strict";

(() => {
  // A what-if plays for most of a second and may wait for another's.
  const TIMEOUT_MS = 15000;
  // The stream of events may come ten times a second; the picture is asked for less often.
  const REFRESH_MS = 500;
  const KEY = "manager-token";
  const { fill, say, language } = hall;
  const $ = (selector) => document.querySelector(selector);
  const form = $("form.token");
  const desk = $(".desk");
  const draft = $(".draft");
  const minutes = (seconds) => Math.ceil(seconds / 60);
  let token = sessionStorage.getItem(KEY) ?? "";
  let picture = null;
  let edited = null;
  let asking = false;
  let askAgain = false;

  hall.mayReload = () => draft.hidden;

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const tell = (text, bad = false) => {
    const said = $(".said");
    said.hidden = !text;
    said.classList.toggle("bad", bad);
    say(said, text);
  };

  const ask = async (method, path, body) => {
    let response;
    let answer;
    try {
      response = await fetch(`/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      answer = await response.json();
    } catch {
      // The browser's own words for it are of no language in particular, and name no remedy.
      throw new Error(fill("manage_no_answer"));
    }
    if (!response.ok) throw Object.assign(new Error(answer.error?.[language] ?? response.status), { status: response.status, code: answer.error?.code });
    return answer;
  };

  // Do it and show what came of it; of a refusal `refused` is told the code.
  const order = async (method, path, body, refused) => {
    try {
      const { warnings = [] } = await ask(method, path, body);
      tell([fill("manage_done"), ...warnings.map((warning) => warning[language])].join(" · "), warnings.length > 0);
      await refresh();
      return true;
    } catch (error) {
      tell(error.message, true);
      refused?.(error.code);
      return false;
    }
  };

  const button = (text, label, act, kind = "") => {
    const made = make("button", { type: "button", textContent: text, className: kind });
    if (label) made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    return made;
  };

  const service = (id) => picture.services.find((it) => it.id === id)?.[language] ?? id;
  const list = (ids) => ids.map(service).join(language === "zh" ? "、" : ", ");
  const windowName = (it) => fill("manage_window_name", { label: it.label });

  // Replace what differs, and leave the focus where it was.
  const put = (place, key, value, build) => {
    const state = JSON.stringify(value);
    let row = [...place.children].find((child) => child.dataset.key === key);
    if (row?.dataset.state === state) return row;
    const focused = row?.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    const made = build(value);
    Object.assign(made.dataset, { key, state });
    // What is typed and ticked there is the manager's.
    for (const { dataset, value, checked } of row?.querySelectorAll("input[data-name]") ?? []) {
      const same = made.querySelector(`[data-name="${dataset.name}"]`);
      if (same) Object.assign(same, { value, checked });
    }
    if (row) row.replaceWith(made);
    else place.append(made);
    // A key that is gone leaves the focus in its row.
    if (focused) (made.querySelector(`[data-name="${focused}"]`) ?? made.querySelector("button"))?.focus();
    return made;
  };

  const keep = (place, keys) =>
    [...place.children].forEach((child) => keys.includes(child.dataset.key) || child.remove());

  const cells = (row, headings, ...contents) => {
    contents.forEach((content, place) => {
      const cell = make(place === 0 ? "th" : "td", place === 0 ? { scope: "row" } : {}, ...[content].flat());
      cell.dataset.heading = headings[place];
      row.append(cell);
    });
    return row;
  };

  const headings = (table) => [...table.querySelectorAll("th[scope=col]")].map((it) => it.textContent);

  const named = (made, name) => {
    made.dataset.name = name;
    return made;
  };

  const windowRow = (it) => {
    const path = `windows/${it.id}`;
    const name = windowName(it);
    // Keys that take each other's place share a name, so that the focus stays there.
    const place = { unpin: "pin", resume: "pause", open: "close" };
    const key = (word, act) => named(button(fill(`manage_${word}`), `${fill(`manage_${word}`)} · ${name}`, act), place[word] ?? word);
    const keys = [key("change", () => edit(it.id))];
    keys.push(it.pinned ? key("unpin", () => order("DELETE", `${path}/pin`)) : key("pin", () => order("PUT", `${path}/pin`)));
    if (it.can_undo) keys.push(key("undo", () => order("POST", `${path}/undo`)));
    if (it.mode === "closed") keys.push(key("open", () => order("POST", `${path}/open`)));
    if (it.mode === "open") keys.push(key("pause", () => order("POST", `${path}/pause`, {})));
    if (it.mode === "paused") keys.push(key("resume", () => order("POST", `${path}/resume`)));
    if (it.mode !== "closed") keys.push(key("close", () => order("POST", `${path}/close`)));
    const serves = [make("span", { textContent: list(it.primary) })];
    if (it.backup.length) serves.push(make("small", { textContent: fill("manage_backup", { list: list(it.backup) }) }));
    const state = [make("span", { className: `mode ${it.mode}`, textContent: fill(`mode_${it.mode}`) })];
    if (it.reason) state.push(make("small", { textContent: it.reason }));
    if (it.pinned) state.push(make("small", { textContent: fill("manage_pinned") }));
    const row = make("tr");
    return cells(row, headings($("table.windows")), it.label, state, it.clerk_name?.[language] || it.clerk || "–", it.ticket?.number ?? "–",
      String(it.waiting), serves, make("div", { className: "keys" }, ...keys));
  };

  const serviceRow = (it) => {
    const stop = it.stopped
      ? named(button(fill("manage_resume_issuing"), `${fill("manage_resume_issuing")} · ${it[language]}`, () => order("DELETE", `services/${it.id}/stop`)), "stop")
      : named(button(fill("manage_stop_issuing"), `${fill("manage_stop_issuing")} · ${it[language]}`, () => order("PUT", `services/${it.id}/stop`)), "stop");
    const name = [make("span", { textContent: it[language] })];
    if (it.unserved) name.push(make("small", { className: "unable", textContent: fill("manage_unserved") }));
    if (it.unable) name.push(make("small", { className: "unable", textContent: fill("manage_unable") }));
    return cells(make("tr"), headings($("table.services")), name, String(it.waiting),
      hall.about(it.estimate) || "–", fill("manage_minutes", { n: it.target_minutes }), String(it.issued), stop);
  };

  // Longer waits are not foretold (Range::CUT_S).
  const CUT_S = 14400;

  const range = (it) => it.mean_s >= CUT_S
    ? fill("manage_range_cut", { mean: minutes(CUT_S) })
    : fill("manage_range", { mean: minutes(it.mean_s), low: minutes(it.low_s), high: minutes(it.high_s) });

  const clock = (ms) => hall.timeOfDay(ms).slice(0, 5);

  const effects = (all) =>
    make("ul", { className: "effects" }, ...all.map((it) =>
      make("li", { textContent: fill("manage_effect", { service: service(it.service), before: range(it.before), after: range(it.after) }) })));

  const cost = (it) =>
    it.switches ? fill("manage_cost", { n: it.switches, s: it.seconds }) : fill("manage_cost_none");

  const proposalCard = (it) => {
    const reason = make("input", { type: "text", maxLength: 120, placeholder: fill("manage_reason") });
    reason.setAttribute("aria-label", `${fill("manage_reason")} · ${it.what[language]}`);
    // The key says what it does.
    const does = fill({ moves: "manage_accept", stops: "manage_stop_issuing", notice: "manage_noted" }[it.kind]);
    // Of several windows the manager may leave some as they are, and says why.
    const boxes = it.moves.length < 2 ? [] : it.moves.map((move) =>
      named(make("input", { type: "checkbox", value: move.window, checked: true }), `move-${move.window}`));
    const chosen = () => {
      const windows = boxes.filter((box) => box.checked).map((box) => box.value);
      return windows.length === boxes.length ? undefined : { windows, reason: reason.value };
    };
    // The card may have been made anew meanwhile.
    const answer = (what, body) => order("POST", `proposals/${it.id}/${what}`, body, (code) =>
      code === "reason_required" && $(`.proposals [data-key="${it.id}"] [data-name=reason]`)?.focus());
    const accept = named(button(does, `${does} · ${it.what[language]}`, () => answer("accept", chosen()), "good"), "accept");
    const reject = named(button(fill("manage_reject"), `${fill("manage_reject")} · ${it.what[language]}`, () =>
      answer("reject", { reason: reason.value })), "reject");
    // Enter sends what the reason is for: of some windows left out, or of all.
    reason.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      const left = boxes.filter((box) => !box.checked).length;
      (left && left < boxes.length ? accept : reject).click();
    });
    const notice = it.kind === "notice";
    const made = fill(it.kind === "moves" ? "manage_made" : "manage_since", { at: clock(it.at_ms), until: clock(it.until_ms) });
    const card = make("article", {}, make("h3", { textContent: it.what[language] }), make("p", { textContent: it.why[language] }),
      make("p", { className: "hint made", textContent: made }));
    if (boxes.length) {
      const moves = it.moves.map((move, place) => make("label", {}, boxes[place], ` ${move.what[language]}`));
      card.append(make("fieldset", { className: "moves" }, make("legend", { textContent: fill("manage_choose") }), ...moves),
        make("p", { className: "hint", textContent: fill("manage_together") }));
    }
    if (it.kind === "moves") card.append(effects(it.effects), make("p", { className: "hint", textContent: cost(it.cost) }));
    card.append(make("div", { className: "keys" }, accept, ...(notice ? [] : [named(reason, "reason"), reject])));
    return card;
  };

  const toldItem = (it) => {
    const { standing } = it;
    const noted = it.kind === "notice" && standing.is === "accepted";
    const parts = [`${clock(it.at_ms)} ${it.what[language]} · ${fill(`manage_is_${noted ? "noted" : standing.is}`)}`];
    if (standing.reason) parts.push(standing.reason);
    const names = (ids) => picture.windows.filter((window) => ids.includes(window.id)).map(windowName).join(language === "zh" ? "、" : ", ");
    if (it.left_out) parts.push(fill("manage_left_out", { windows: names(it.left_out.windows), reason: it.left_out.reason }));
    // Of one that is undone at all its windows the standing says so.
    if (it.undone.length && standing.is !== "undone") {
      parts.push(fill("manage_moved_back", { windows: names(it.undone) }));
    }
    for (const found of it.assessments.filter((found) => found.tickets)) {
      parts.push(fill("manage_came", {
        service: service(found.service), before: found.without ? range(found.without) : "–", after: range(found.expected),
        seen: minutes(found.seen_s), n: found.tickets, verdict: fill(`manage_verdict_${found.verdict}`),
      }));
    }
    const { windows, changed_since: changed } = it.undoable ?? { windows: [], changed_since: [] };
    if (changed.length) parts.push(fill("manage_changed_since", { windows: names(changed) }));
    const item = make("li", { textContent: parts.join(language === "zh" ? "；" : "; ") });
    if (windows.length) {
      const undo = fill("manage_undo_proposal", { windows: names(windows) });
      // What was changed since is left out by name.
      const only = changed.length ? { windows } : undefined;
      item.append(" ", named(button(undo, `${undo} · ${it.what[language]}`, () => order("POST", `proposals/${it.id}/undo`, only)), `undo-${it.id}`));
    }
    return item;
  };

  const options = (select, prefix, words, chosen) => {
    if (document.activeElement === select) return;
    if (!select.options.length) {
      words.forEach((word) => select.add(new Option(fill(`manage_${prefix}_${word}`), word)));
    }
    select.value = chosen;
  };

  const ROUTINGS = ["fcfs", "priority", "accumulating", "service_level"];

  const show = () => {
    form.hidden = true;
    desk.hidden = false;
    options($(".balance"), "balance", ["off", "advise", "auto"], picture.balance);
    options($(".routing"), "routing", ROUTINGS, picture.routing);
    $(".emergencies").hidden = !picture.emergencies.length;
    $(".emergencies ul").replaceChildren(...picture.emergencies.map((it) => {
      const text = language === "en" && it.en ? it.en : it.zh;
      const who = [it.by, it.client].filter(Boolean).join(" / ") || "?";
      const where = it.zone ?? fill("manage_whole_hall");
      const since = it.since.slice(0, 16).replace("T", " ");
      return make("li", { textContent: fill("manage_emergency", { where, text, since, who }) });
    }));
    const groups = $(".groups");
    keep(groups, picture.groups.map((it) => it.id));
    for (const it of picture.groups) {
      put(groups, it.id, it, () => {
        const select = named(make("select"), "routing");
        options(select, "routing", ROUTINGS, it.routing);
        select.addEventListener("change", () => order("PUT", "routing", { group: it.id, routing: select.value }));
        return make("label", {}, `${it.name[language]} `, select);
      });
    }
    const open = picture.proposals.filter((it) => it.standing.is === "open");
    const place = $(".proposals .open");
    const answered = [...place.children].findIndex((card) => card.contains(document.activeElement));
    keep(place, open.length ? open.map((it) => String(it.id)) : ["none"]);
    open.forEach((it) => put(place, String(it.id), it, proposalCard));
    if (!open.length) put(place, "none", picture.balance, () => make("p", { textContent: fill(picture.balance === "off" ? "manage_is_off" : "manage_none") }));
    // Who has answered one goes on with the next, or from the head of the list.
    if (answered >= 0 && !place.contains(document.activeElement)) {
      const next = place.children[answered] ?? place.lastElementChild;
      (next.querySelector("button") ?? $("#proposals")).focus();
    }
    const windows = $("table.windows tbody");
    keep(windows, picture.windows.map((it) => it.id));
    picture.windows.forEach((it) => put(windows, it.id, it, windowRow));
    const services = $("table.services tbody");
    keep(services, picture.services.map((it) => it.id));
    picture.services.forEach((it) => put(services, it.id, it, serviceRow));
    const { record } = picture;
    say($(".sums"), fill("manage_sums", record));
    say($(".compared"), record.assessed
      ? fill("manage_compared", { ...record, error: minutes(record.error_s / record.assessed) })
      : fill("manage_compared_none"));
    const told = $(".told");
    const past = picture.proposals.filter((it) => it.standing.is !== "open").slice(0, 20);
    const focused = told.contains(document.activeElement);
    keep(told, past.map((it) => String(it.id)));
    past.forEach((it, place) => {
      const item = put(told, String(it.id), it, toldItem);
      if (told.children[place] !== item) told.insertBefore(item, told.children[place]);
    });
    // A key that is gone leaves the focus at the head of the list.
    if (focused && !told.contains(document.activeElement)) $("#record").focus();
  };

  const refresh = async () => {
    if (!token) return;
    if (asking) {
      askAgain = true;
      return;
    }
    asking = true;
    try {
      picture = await ask("GET", "manage");
      show();
    } catch (error) {
      if (error.status === 401 || error.status === 403) {
        token = "";
        sessionStorage.removeItem(KEY);
        form.hidden = false;
        desk.hidden = true;
        tell(error.message, true);
      } else if (desk.hidden) {
        tell(error.message, true);
      }
    } finally {
      asking = false;
      if (askAgain) {
        askAgain = false;
        setTimeout(refresh, REFRESH_MS);
      }
    }
  };

  // The draft of one window: which services in which tier, and whether it pauses.
  const edit = (id) => {
    const it = picture.windows.find((window) => window.id === id);
    edited = it;
    say(draft.querySelector(".which"), windowName(it));
    const tiers = draft.querySelector(".tiers");
    tiers.replaceChildren(...picture.services.filter((known) => it.able.includes(known.id) || it.primary.includes(known.id) || it.backup.includes(known.id)).map((known) => {
      const now = it.primary.includes(known.id) ? "primary" : it.backup.includes(known.id) ? "backup" : "none";
      const radios = ["primary", "backup", "none"].map((tier) => {
        const input = make("input", { type: "radio", name: `tier-${known.id}`, value: tier, checked: tier === now });
        return make("label", {}, input, ` ${fill(`manage_tier_${tier}`)}`);
      });
      return make("fieldset", {}, make("legend", { textContent: known[language] }), ...radios);
    }));
    draft.querySelector("[name=pause]").checked = false;
    draft.querySelector(".pause").hidden = it.mode !== "open";
    draft.querySelector(".foretold").replaceChildren();
    draft.hidden = false;
    draft.querySelector("h2").focus();
  };

  const close = () => {
    const row = [...$("table.windows tbody").children].find((child) => child.dataset.key === edited?.id);
    draft.hidden = true;
    edited = null;
    row?.querySelector("[data-name=change]")?.focus();
  };

  const chosen = () => {
    const of = (tier) => [...draft.querySelectorAll(`.tiers input[value=${tier}]:checked`)].map((it) => it.name.slice(5));
    const allocation = { primary: of("primary"), backup: of("backup") };
    const same = JSON.stringify(allocation) === JSON.stringify({ primary: edited.primary, backup: edited.backup });
    return { allocation: same ? null : allocation, pause: draft.querySelector("[name=pause]").checked };
  };

  const tryOut = async () => {
    const { allocation, pause } = chosen();
    const orders = [];
    if (allocation) orders.push({ order: "allocate", window: edited.id, ...allocation });
    if (pause) orders.push({ order: "pause", window: edited.id });
    const place = draft.querySelector(".foretold");
    try {
      const told = await ask("POST", "what-if", { orders });
      const rows = told.services.map((it) => {
        const wait = (way) => fill("manage_range", { mean: Math.round(way.mean_minutes), low: Math.round(way.low_minutes), high: Math.round(way.high_minutes) });
        const row = make("tr");
        // Waits that are shorter because people go away are no better.
        const fewer = it.after.gave_up > it.before.gave_up + 1;
        row.classList.toggle("better", it.after.mean_minutes < it.before.mean_minutes - 1 && !fewer);
        row.classList.toggle("worse", it.after.mean_minutes > it.before.mean_minutes + 1 || fewer);
        const left = (way) => fill("manage_left", { n: Math.round(way.left), gone: Math.round(way.gave_up) });
        return cells(row, [fill("manage_service"), fill("manage_before"), fill("manage_after")], service(it.id),
          [wait(it.before), make("small", { textContent: left(it.before) })], [wait(it.after), make("small", { textContent: left(it.after) })]);
      });
      const head = make("tr", {}, ...["manage_service", "manage_before", "manage_after"].map((name) => make("th", { scope: "col", textContent: fill(name) })));
      place.replaceChildren(
        make("p", { className: "hint", textContent: fill("manage_foretold", { minutes: told.minutes, n: told.played }) }),
        make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
      tell("");
    } catch (error) {
      tell(error.message, true);
    }
  };

  draft.querySelector(".try").addEventListener("click", tryOut);
  draft.querySelector(".cancel").addEventListener("click", close);
  draft.querySelector("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { allocation, pause } = chosen();
    const path = `windows/${edited.id}`;
    if (allocation && !(await order("PUT", `${path}/allocation`, allocation))) return;
    if (pause && !(await order("POST", `${path}/pause`, {}))) return;
    close();
  });
  draft.addEventListener("keydown", (event) => event.key === "Escape" && close());
  $(".balance").addEventListener("change", (event) => order("PUT", "balance", { balance: event.target.value }));
  $(".routing").addEventListener("change", (event) => order("PUT", "routing", { routing: event.target.value }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    token = form.querySelector("input").value.trim();
    sessionStorage.setItem(KEY, token);
    tell("");
    refresh().then(() => desk.hidden || $(".balance").focus());
  });

  let due = null;
  hall.onPicture(() => {
    due ??= setTimeout(() => {
      due = null;
      refresh();
    }, REFRESH_MS);
  });
  refresh();
})();
