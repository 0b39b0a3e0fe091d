// Text stands within whatever has an edge or hides what sticks out; and whatever is pressed, once
// it is brought into view, is met in its middle: no bar lies over it.
const EDGED = "a[href], button, summary, label, td, th, fieldset, .card, .chip, .note, .tick > span, [role=alert]";
const PRESSED = "a[href], button, input:not([type=hidden]), select, textarea, summary";
const OVER_PX = 2;
const OVER_EM = 0.4; // what a font keeps above and below its letters may reach further

const hides = (style) => style.overflowX !== "visible" || style.overflowY !== "visible";

const cut = (node, element) => {
  const range = document.createRange();
  range.selectNodeContents(node);
  const text = range.getBoundingClientRect();
  if (!text.width || !text.height) return null;
  const high = parseFloat(getComputedStyle(element).fontSize) * OVER_EM;
  for (let one = element; one && one !== document.body; one = one.parentElement) {
    const style = getComputedStyle(one);
    if (style.position === "absolute" && unseen(one)) return null;
    if (/auto|scroll/.test(style.overflowX + style.overflowY)) return null;
    if (!one.matches(EDGED) && !hides(style)) continue;
    if (style.display === "inline" || style.display === "contents") continue;
    const box = one.getBoundingClientRect();
    const wide = Math.max(box.left - text.left, text.right - box.right);
    const tall = Math.max(box.top - text.top, text.bottom - box.bottom);
    if (wide > OVER_PX || tall > high) return one;
  }
  return null;
};

const covered = (element) => {
  element.scrollIntoView({ block: "center", inline: "center" });
  const parts = [...element.getClientRects()].filter((box) => box.width && box.height);
  const box = parts[0] ?? element.getBoundingClientRect();
  const met = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
  const own = [element, ...(element.labels ?? []), ...(element.closest("label") ? [element.closest("label")] : [])];
  return met && own.some((one) => one.contains(met)) ? null : met ?? document.documentElement;
};

const rule = () => {
  const found = [];
  for (const [node, element] of textNodes()) {
    if (!shown(element) || unseen(element)) continue;
    const box = cut(node, element);
    if (box) found.push(`${named(element)}: “${node.data.trim().slice(0, 40)}” sticks out of ${named(box)}`);
  }
  for (const element of document.querySelectorAll(PRESSED)) {
    if (!shown(element) || (unseen(element) && !element.labels?.length) || element.matches(".skip")) continue;
    if (element.closest("[inert]") || element.disabled) continue;
    const over = covered(element);
    if (over) found.push(`${named(element)} cannot be met: ${named(over)} lies over it`);
  }
  return found;
};
