() => {
  const problems = [];
  const seen = (one) => { const box = one.getBoundingClientRect(); const style = getComputedStyle(one);
    return box.width > 1 && box.height > 1 && style.visibility !== "hidden" && style.display !== "none"; };
  const about = (one) => one.outerHTML.slice(0, 80).replace(/\s+/g, " ");
  const parts = (text) => { const found = text.match(/[\d.]+/g).map(Number); return found.length > 3 ? found : [...found, 1]; };
  const over = (top, below) => [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3])).concat(1);
  const ground = (one) => { let colour = [0, 0, 0, 0];
    const layers = [];
    for (let at = one; at; at = at.parentElement) layers.push(parts(getComputedStyle(at).backgroundColor));
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    colour = dark ? [18, 18, 18, 1] : [255, 255, 255, 1];
    for (const layer of layers.reverse()) colour = over(layer, colour);
    return colour; };
  const light = (colour) => { const [r, g, b] = colour.slice(0, 3).map((c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((m, n) => n - m); return (x + 0.05) / (y + 0.05); };

  // WCAG 2.2, 1.4.3: text against what is behind it
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const done = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const one = node.parentElement;
    if (!node.textContent.trim() || done.has(one) || one.closest("svg") || !seen(one)) continue;
    done.add(one);
    const style = getComputedStyle(one), size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const found = ratio(over(parts(style.color), ground(one)), ground(one));
    if (found < least) problems.push(`contrast: ${found.toFixed(2)} of ${about(one)}`);
  }
  // 1.4.11: the borders of fields
  for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (seen(one) && ratio(parts(getComputedStyle(one).borderTopColor), ground(one.parentElement)) < 3) problems.push(`border: ${about(one)}`);
  }
  // 1.3.1, 3.3.2, 4.1.2: names
  for (const one of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!one.labels.length && !one.getAttribute("aria-label")) problems.push(`label: ${about(one)}`);
  }
  for (const one of document.querySelectorAll("button, a[href]")) {
    if (!(one.textContent.trim() || one.getAttribute("aria-label"))) problems.push(`name: ${about(one)}`);
  }
  for (const one of document.querySelectorAll("img, svg[role=img]")) {
    if (!(one.getAttribute("alt") || one.getAttribute("aria-label") || one.getAttribute("aria-labelledby"))) problems.push(`alt: ${about(one)}`);
  }
  for (const one of document.querySelectorAll("table")) {
    if (!one.querySelector("th[scope=col]") || one.querySelector("th:not([scope])")) problems.push(`headers: ${about(one)}`);
  }
  for (const one of document.querySelectorAll("[aria-labelledby], [aria-describedby], label[for]")) {
    for (const name of ["aria-labelledby", "aria-describedby", "for"]) {
      for (const id of (one.getAttribute(name) || "").split(/\s+/).filter(Boolean)) if (!document.getElementById(id)) problems.push(`id: ${id} of ${about(one)}`);
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids)) if (ids.filter((one) => one === id).length > 1) problems.push(`twice: ${id}`);
  // 1.3.1, 2.4.1, 2.4.2, 3.1.1: the page as a whole
  if (document.querySelectorAll("h1").length !== 1) problems.push("h1: not one");
  if (document.querySelectorAll("main").length !== 1) problems.push("main: not one");
  if (!document.documentElement.lang) problems.push("lang: none");
  if (!document.title.trim()) problems.push("title: none");
  let before = 0;
  for (const one of document.querySelectorAll("h1, h2, h3, h4")) {
    const level = Number(one.tagName[1]);
    if (before && level > before + 1) problems.push(`heading: ${about(one)}`);
    before = level;
  }
  for (const one of document.querySelectorAll(".scroll")) if (one.tabIndex < 0) problems.push(`keyboard: ${about(one)}`);
  return problems;
}
