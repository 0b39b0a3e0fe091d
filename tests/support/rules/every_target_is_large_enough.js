// Whatever is pressed is `least` pixels wide and high, with the label of a tick counted in.
// Not asked: what is disabled, and a link that stands in the words of a sentence.
const TARGETS =
  "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=link]," +
  "[role=tab], [role=checkbox], [role=switch], [role=menuitem]";
const BLOCKS = "p, li, dd, dt, td, th, figcaption, label, legend, div, section, h1, h2, h3, h4";

const joined = (boxes) => ({
  left: Math.min(...boxes.map((b) => b.left)),
  right: Math.max(...boxes.map((b) => b.right)),
  top: Math.min(...boxes.map((b) => b.top)),
  bottom: Math.max(...boxes.map((b) => b.bottom)),
});

const inSentence = (link) => {
  if (link.localName !== "a" || getComputedStyle(link).display !== "inline") return false;
  const block = link.parentElement.closest(BLOCKS);
  if (!block) return false;
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  let around = "";
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest(TARGETS) && parent.closest(BLOCKS) === block) around += walker.currentNode.data;
  }
  return (around.match(/\p{L}{2,}/gu) ?? []).length >= 2;
};

// A target may be larger than its box: what counts is where a finger meets it.
const metAllAround = (element, box, least) => {
  element.scrollIntoView({ block: "center", inline: "nearest" });
  const now = element.getBoundingClientRect();
  const x = (now.left + now.right) / 2, y = (now.top + now.bottom) / 2;
  const far = least / 2 - 1;
  return [[-far, -far], [far, -far], [-far, far], [far, far], [0, 0]].every(([dx, dy]) => {
    const met = document.elementFromPoint(x + dx, y + dy);
    return met && (element.contains(met) || [...(element.labels ?? [])].some((l) => l.contains(met)));
  });
};

const rule = ({ least }) => {
  const found = [];
  for (const element of document.querySelectorAll(TARGETS)) {
    if (element.matches(":disabled, [aria-disabled=true]") || element.closest("[inert]")) continue;
    const ticked = element.matches("input[type=checkbox], input[type=radio], input[type=file]");
    const parts = [element, ...(ticked ? element.labels : [])].filter((e) => shown(e) && !unseen(e));
    if (!parts.length || inSentence(element)) continue;
    const boxes = parts.flatMap((e) => [e, ...e.querySelectorAll("*")]).filter(shown);
    const box = joined(boxes.map((e) => e.getBoundingClientRect()));
    const width = box.right - box.left, height = box.bottom - box.top;
    if ((width < least - 0.5 || height < least - 0.5) && !metAllAround(element, box, least))
      found.push(`${named(element)} is ${Math.round(width)} by ${Math.round(height)} px to press, not ${least}`);
  }
  return found;
};
