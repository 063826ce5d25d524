// The sign wall: draws every pixel of every sign as the LED it is.
"use strict";

(() => {
  // The side of one LED in canvas pixels; the style sheet scales the whole.
  const PITCH_PX = 6;
  const RADIUS_PX = 2.4;
  // By the diodes that are on: red 1, green 2, blue 4. The first is the dark LED itself.
  const LIGHTS = ["#1d2126", "#ff3b30", "#35e05a", "#ffc21a", "#4a90ff", "#ff5cd6", "#3fe0e8", "#ffffff"];
  const { say, language } = hall;

  const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

  // Plane after plane, row after row, eight pixels a byte, leftmost in the top bit.
  const lightAt = (bytes, shape, x, y) => {
    const rowBytes = shape.width / 8;
    let light = 0;
    for (let plane = 0; plane < shape.planes; plane += 1) {
      const byte = bytes[(plane * shape.height + y) * rowBytes + (x >> 3)] ?? 0;
      if (byte & (0x80 >> (x & 7))) light |= 1 << plane;
    }
    return light;
  };

  const draw = (canvas, shape, hex) => {
    const bytes = bytesOf(hex ?? "");
    canvas.width = shape.width * PITCH_PX;
    canvas.height = shape.height * PITCH_PX;
    const pen = canvas.getContext("2d");
    const dots = LIGHTS.map(() => new Path2D());
    for (let y = 0; y < shape.height; y += 1) {
      for (let x = 0; x < shape.width; x += 1) {
        const [cx, cy] = [(x + 0.5) * PITCH_PX, (y + 0.5) * PITCH_PX];
        const dot = dots[lightAt(bytes, shape, x, y)];
        dot.moveTo(cx + RADIUS_PX, cy);
        dot.arc(cx, cy, RADIUS_PX, 0, 2 * Math.PI);
      }
    }
    dots.forEach((dot, light) => {
      pen.fillStyle = LIGHTS[light];
      pen.fill(dot);
    });
  };

  const put = (sign) => {
    const figure = document.querySelector(`[data-sign="${sign.id}"]`);
    // A sign the page does not know yet: the server does.
    if (!figure) return location.reload();
    figure.dataset.health = sign.health;
    say(figure.querySelector(".health"), sign.health_text[language]);
    say(figure.querySelector(".source"), sign.source_text[language]);
    for (const told of ["trouble", "substitute"]) {
      const text = figure.querySelector(`.${told}`);
      text.hidden = !sign[`${told}_text`];
      say(text, sign[`${told}_text`]?.[language] ?? "");
    }
    figure.querySelector(".behind").hidden = !sign.behind;
    for (const value of ["timeouts", "refusals"]) {
      say(figure.querySelector(`[data-sign-value=${value}]`), sign[value]);
    }
    const shape = { width: sign.width_px, height: sign.height_px, planes: sign.planes };
    draw(figure.querySelector("canvas"), shape, sign.pixels);
  };

  for (const canvas of document.querySelectorAll("canvas[data-width]")) {
    const { width, height, planes, pixels } = canvas.dataset;
    draw(canvas, { width: Number(width), height: Number(height), planes: Number(planes) }, pixels);
  }

  hall.onPicture((wall) => {
    wall.signs.forEach(put);
    const lines = wall.closed_lines.map((line) => {
      const item = document.createElement("li");
      item.textContent = line[language];
      return item;
    });
    document.querySelector(".closed-lines").replaceChildren(...lines);
  });
})();
