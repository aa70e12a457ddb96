// What a picture shows before it is sent: where the paper lies, whether it is blurred, dark or hidden by a reflection.
// The measures of light and of edges are those of ocr/advice.py; the outline is a proposal that a person confirms.
"use strict";

const Edges = (() => {
  const LONG = 320; // pixels of the copy on which the paper is looked for
  const LIGHT = 800; // of the copy on which light is measured
  const DEEP = 38; // grey levels by which the ground is darker than paper
  const SMALLEST = 0.12; // of the picture
  const LARGEST = 0.96;
  const FULL = 0.86; // of the quadrilateral is paper
  const BURNT = 253;
  const SHINE = 22;
  const SPOT = 0.006; // of the picture
  const DIM = 70;
  const PATCHES = 50;
  const MEASURED = 16;
  const PALE = 30;
  const PIXELS = 2.5;
  const SOFT = 1.5; // how smeared a patch is that may hold anything, as in ocr/advice.py

  async function look(blob) {
    const picture = await createImageBitmap(blob); // upright, as its EXIF says
    const corners = outline(copy(picture, LONG));
    const warnings = [...light(copy(picture, LIGHT))];
    if (softness(picture) > SOFT) warnings.unshift("blurred");
    const shown = { width: picture.width, height: picture.height };
    picture.close();
    return { corners, warnings, ...shown };
  }

  function copy(picture, long) {
    const scale = Math.min(1, long / Math.max(picture.width, picture.height));
    const [width, height] = [Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale))];
    const context = Object.assign(document.createElement("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
    context.drawImage(picture, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const grey = new Uint8Array(width * height); // as bright as the darkest colour: paper is white, wood is not
    for (let at = 0; at < grey.length; at += 1) grey[at] = Math.min(data[4 * at], data[4 * at + 1], data[4 * at + 2]);
    return { grey, width, height };
  }

  function histogram(grey) {
    const bins = new Float64Array(256);
    for (const level of grey) bins[level] += 1;
    return bins;
  }

  function otsu(grey) {
    const bins = histogram(grey);
    let [all, sum] = [grey.length, 0];
    bins.forEach((count, level) => (sum += count * level));
    let [below, sumBelow, best, at, gap] = [0, 0, -1, 0, 0];
    for (let level = 0; level < 256; level += 1) {
      below += bins[level];
      sumBelow += bins[level] * level;
      if (!below || below === all) continue;
      const apart = (sum - sumBelow) / (all - below) - sumBelow / below;
      const between = below * (all - below) * apart * apart;
      if (between > best) [best, at, gap] = [between, level, apart];
    }
    return { at, gap };
  }

  // Four corners as fractions, upper left first, clockwise; null where no single sheet stands out.
  function outline({ grey, width, height }) {
    const { at, gap } = otsu(grey);
    if (gap < DEEP) return null;
    const mask = closed(grey.map((level) => (level > at ? 1 : 0)), width, height);
    const { area, points } = largest(mask, width, height);
    if (area < SMALLEST * grey.length) return null;
    const corners = quadrilateral(hull(points));
    if (!corners) return null;
    const held = size(corners);
    if (held > LARGEST * grey.length || area < FULL * held) return null;
    return level(corners).map(([x, y]) => [(x + 0.5) / width, (y + 0.5) / height]);
  }

  // Print is thinner than a sheet: gaps of some pixels are closed.
  function closed(mask, width, height) {
    const spread = (from, wanted) => {
      let now = from;
      for (const [dx, dy] of [[1, 0], [0, 1]]) {
        const next = new Uint8Array(now.length);
        for (let y = 0; y < height; y += 1) {
          for (let x = 0; x < width; x += 1) {
            let hit = 1 - wanted;
            for (let away = -3; away <= 3; away += 1) {
              const [u, v] = [x + dx * away, y + dy * away];
              if (u >= 0 && v >= 0 && u < width && v < height && now[v * width + u] === wanted) hit = wanted;
            }
            next[y * width + x] = hit;
          }
        }
        now = next;
      }
      return now;
    };
    return spread(spread(mask, 1), 0);
  }

  function largest(mask, width, height) {
    const seen = new Uint8Array(mask.length);
    let best = { area: 0, points: [] };
    for (let start = 0; start < mask.length; start += 1) {
      if (!mask[start] || seen[start]) continue;
      const stack = [start];
      seen[start] = 1;
      const rows = new Map();
      let area = 0;
      while (stack.length) {
        const here = stack.pop();
        const [x, y] = [here % width, Math.floor(here / width)];
        area += 1;
        const ends = rows.get(y);
        if (!ends) rows.set(y, [x, x]);
        else if (x < ends[0]) ends[0] = x;
        else if (x > ends[1]) ends[1] = x;
        for (const [u, v] of [[x - 1, y], [x + 1, y], [x, y - 1], [x, y + 1]]) {
          const next = v * width + u;
          if (u >= 0 && v >= 0 && u < width && v < height && mask[next] && !seen[next]) {
            seen[next] = 1;
            stack.push(next);
          }
        }
      }
      if (area > best.area) best = { area, points: [...rows].flatMap(([y, [left, right]]) => [[left, y], [right, y]]) };
    }
    return best;
  }

  const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

  function hull(points) {
    const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const half = (list) => {
      const kept = [];
      for (const point of list) {
        while (kept.length > 1 && turn(kept.at(-2), kept.at(-1), point) <= 0) kept.pop();
        kept.push(point);
      }
      return kept.slice(0, -1);
    };
    return [...half(sorted), ...half(sorted.reverse())];
  }

  const size = (corners) =>
    Math.abs(corners.reduce((sum, [x, y], at) => sum + x * corners[(at + 1) % corners.length][1] - corners[(at + 1) % corners.length][0] * y, 0)) / 2;

  // The largest quadrilateral within the hull, whose flattest points are left out first.
  function quadrilateral(around) {
    const kept = [...around];
    while (kept.length > 14) {
      const loss = kept.map((point, at) => Math.abs(turn(kept.at(at - 1), point, kept[(at + 1) % kept.length])));
      kept.splice(loss.indexOf(Math.min(...loss)), 1);
    }
    let [best, found] = [0, null];
    for (let a = 0; a < kept.length; a += 1) {
      for (let b = a + 1; b < kept.length; b += 1) {
        for (let c = b + 1; c < kept.length; c += 1) {
          for (let d = c + 1; d < kept.length; d += 1) {
            const four = [kept[a], kept[b], kept[c], kept[d]];
            const held = size(four);
            if (held > best) [best, found] = [held, four];
          }
        }
      }
    }
    return found;
  }

  // Clockwise as it is seen, beginning with the corner nearest to the upper left.
  function level(corners) {
    const [x, y] = [0, 1].map((axis) => corners.reduce((sum, corner) => sum + corner[axis], 0) / 4);
    const round = [...corners].sort((a, b) => Math.atan2(a[1] - y, a[0] - x) - Math.atan2(b[1] - y, b[0] - x));
    const first = round.reduce((best, corner, at) => (corner[0] + corner[1] < round[best][0] + round[best][1] ? at : best), 0);
    return [...round.slice(first), ...round.slice(0, first)];
  }

  function* light({ grey, width, height }) {
    const paper = [...histogram(grey)].reduce((state, count, at) => (state.sum + count < 0.75 * grey.length ? { sum: state.sum + count, at: at + 1 } : state), { sum: 0, at: 0 }).at;
    if (paper <= BURNT - SHINE) {
      let burnt = 0;
      for (let y = 2; y < height - 2; y += 1) {
        for (let x = 2; x < width - 2; x += 1) {
          let full = 1;
          for (let v = y - 2; full && v <= y + 2; v += 1) for (let u = x - 2; full && u <= x + 2; u += 1) full = grey[v * width + u] >= BURNT ? 1 : 0;
          burnt += full;
        }
      }
      if (burnt > SPOT * grey.length) yield "glare";
    }
    if (paper < DIM) yield "dark";
  }

  // How much wider the edges from ink to paper are than the pixels make them, in heights of a line.
  function softness(picture) {
    const side = Math.max(24, Math.floor(Math.max(picture.width, picture.height) / PATCHES));
    const small = copy(picture, 1000);
    const [across, down] = [Math.floor(picture.width / side), Math.floor(picture.height / side)];
    if (!across || !down) return 0;
    const step = (small.width / picture.width) * side;
    const spread = [];
    for (let row = 0; row < down; row += 1) {
      for (let column = 0; column < across; column += 1) {
        let [count, sum, squares] = [0, 0, 0];
        for (let y = Math.floor(row * step); y < (row + 1) * step && y < small.height; y += 1) {
          for (let x = Math.floor(column * step); x < (column + 1) * step && x < small.width; x += 1) {
            const level = small.grey[y * small.width + x];
            [count, sum, squares] = [count + 1, sum + level, squares + level * level];
          }
        }
        spread.push([squares / count - (sum / count) ** 2, column * side, row * side]);
      }
    }
    spread.sort((one, other) => other[0] - one[0]);
    const context = Object.assign(document.createElement("canvas"), { width: side, height: side }).getContext("2d", { willReadFrequently: true });
    const found = [];
    for (const [, x, y] of spread.slice(0, MEASURED)) {
      context.drawImage(picture, x, y, side, side, 0, 0, side, side);
      const { data } = context.getImageData(0, 0, side, side);
      const soft = smear(Uint8Array.from({ length: side * side }, (_, at) => data[4 * at + 1]), side);
      if (soft !== null) found.push(soft);
    }
    return found.length ? found.sort((one, other) => one - other)[Math.floor(found.length / 2)] : 0;
  }

  const share = (values, part) => values.sort((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * part))];

  function smear(green, side) {
    const sorted = Float32Array.from(green);
    const contrast = share(sorted, 0.9) - share(sorted, 0.03);
    if (contrast < PALE) return null;
    const [flat, steep] = [[], []];
    for (let y = 1; y < side - 1; y += 1) {
      for (let x = 1; x < side - 1; x += 1) {
        const at = (dx, dy) => green[(y + dy) * side + x + dx];
        flat.push(Math.abs(at(1, -1) + 2 * at(1, 0) + at(1, 1) - at(-1, -1) - 2 * at(-1, 0) - at(-1, 1)) / 8);
        steep.push(Math.abs(at(-1, 1) + 2 * at(0, 1) + at(1, 1) - at(-1, -1) - 2 * at(0, -1) - at(1, -1)) / 8);
      }
    }
    const steepest = Math.min(share(Float32Array.from(flat), 0.98), share(Float32Array.from(steep), 0.98));
    return Math.max(0, contrast / Math.max(steepest, 0.1) - PIXELS) / side;
  }

  return { look, outline, copy, softness };
})();
