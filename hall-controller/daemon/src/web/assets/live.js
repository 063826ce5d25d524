// What every page does: follow the stream of events, say when it is broken, and tell the time.
"use strict";

const hall = (() => {
  // The server tells the time every 30 s; a stream silent for longer than two of those is dead,
  // whatever the socket says.
  const SILENT_MAX_MS = 75000;
  const RETRY_MS = 3000;
  const { dataset } = document.body;
  const texts = JSON.parse(dataset.texts);
  const listeners = [];
  const clock = {
    nowMs: Number(dataset.nowMs),
    offsetMs: Number(dataset.offsetMs),
    speed: Number(dataset.speed),
    toldAt: performance.now(),
  };
  let source = null;
  let heardAt = performance.now();
  let outdated = false;

  const nowMs = () => clock.nowMs + (performance.now() - clock.toldAt) * clock.speed;

  // The hall's local time: its offset added, then read as if it were UTC.
  const local = (ms) => new Date(ms + clock.offsetMs).toISOString();
  const timeOfDay = (ms) => local(ms).slice(11, 19);

  // Sets text only where it differs, so that live regions speak of changes alone.
  const say = (element, text) => {
    if (element && element.textContent !== String(text)) element.textContent = text;
  };

  const fill = (name, values = {}) =>
    Object.entries(values).reduce((text, [key, value]) => text.replaceAll(`{${key}}`, value), texts[name] ?? name);

  // How long somebody will wait, as the server says it; nothing when nobody knows.
  const about = (wait) => {
    if (!wait) return "";
    const { from_minutes: from, to_minutes: to } = wait;
    return fill(from === to ? "wait_about" : "wait_about_range", { from, to });
  };

  const show = (selector, visible) => {
    const element = document.querySelector(selector);
    if (element) element.hidden = !visible;
  };

  // Emergency texts, in the place the server made for them; in both languages, whatever the page's is.
  const article = ({ name, zh, en }, longFrom) => {
    const element = document.createElement("article");
    element.classList.toggle("long", [...zh].length > longFrom);
    const put = (tag, text, lang) => {
      const child = document.createElement(tag);
      child.textContent = text;
      if (lang) child.lang = lang;
      element.append(child);
    };
    if (name) put("h2", `${name.zh} · ${name.en}`);
    put("p", zh, "zh-CN");
    if (en) put("p", en, "en");
    return element;
  };
  const putEmergencies = (standing) => {
    const place = document.querySelector(".emergency");
    const told = JSON.stringify(standing);
    if (!place || place.dataset.told === told) return;
    place.dataset.told = told;
    place.replaceChildren(...standing.map((one) => article(one, Number(place.dataset.long))));
    place.hidden = standing.length === 0;
  };

  // A newer daemon may have other windows, other words and another script.
  const reloadIfOutdated = () => {
    if (outdated && hall.mayReload()) location.reload();
  };

  const heard = () => {
    heardAt = performance.now();
    show(".banner.lost", false);
  };

  const connect = () => {
    source = new EventSource(dataset.events);
    source.addEventListener("clock", (event) => {
      heard();
      const told = JSON.parse(event.data);
      Object.assign(clock, { nowMs: told.now_ms, offsetMs: told.offset_ms, speed: told.speed, toldAt: performance.now() });
      show(".banner.trouble", told.trouble);
      outdated = String(told.start) !== dataset.start;
      reloadIfOutdated();
    });
    source.addEventListener("message", (event) => {
      heard();
      const picture = JSON.parse(event.data);
      if (picture.trouble !== undefined) show(".banner.trouble", picture.trouble);
      if (picture.emergencies !== undefined) putEmergencies(picture.emergencies);
      listeners.forEach((listener) => listener(picture));
    });
    source.addEventListener("error", () => {
      show(".banner.lost", true);
      // The browser connects anew by itself, except after a refusal.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
    });
  };

  const watch = () => {
    if (source && source.readyState !== EventSource.CLOSED && performance.now() - heardAt > SILENT_MAX_MS) {
      source.close();
      heardAt = performance.now();
      show(".banner.lost", true);
      connect();
    }
    reloadIfOutdated();
  };

  const tick = () => {
    const now = nowMs();
    say(document.querySelector("[data-clock=time]"), timeOfDay(now));
    say(document.querySelector("[data-clock=date]"), local(now).slice(0, 10));
  };

  // The answer of the API: `{ ticket | done | refused | error }`; rejects when there was none.
  const post = async (path, body, timeoutMs) => {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return response.json();
  };

  if (dataset.events) {
    connect();
    setInterval(watch, 5000);
  }
  setInterval(tick, 250);

  return {
    about,
    fill,
    language: document.documentElement.lang === "en" ? "en" : "zh",
    // A page in the middle of something puts its own answer here.
    mayReload: () => true,
    nowMs,
    onPicture: (listener) => listeners.push(listener),
    post,
    say,
    timeOfDay,
  };
})();
