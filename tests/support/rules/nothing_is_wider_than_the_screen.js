// A scroll box that may be wider inside: labelled, and reached with the keyboard.
const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
const allowed = (element) =>
  scrolls(element) &&
  !element.matches("html, body, main") &&
  element.tabIndex >= 0 &&
  (element.ariaLabel || element.getAttribute("aria-labelledby"));

const within = (element) => {
  for (let one = element.parentElement; one; one = one.parentElement) if (allowed(one)) return true;
  return false;
};

const rule = () => {
  const wide = document.documentElement.clientWidth;
  const found = [];
  const whole = document.scrollingElement.scrollWidth;
  if (whole > wide) found.push(`the page is ${whole} px wide on a screen of ${wide}`);
  for (const element of document.body.querySelectorAll("*")) {
    if (!shown(element) || within(element) || unseen(element) || element.closest("svg svg, svg > *"))
      continue;
    const { left, right } = element.getBoundingClientRect();
    const parent = element.parentElement.getBoundingClientRect();
    const out = left < -0.5 || right > wide + 0.5;
    const already = parent.left <= left && parent.right >= right && element.parentElement !== document.body;
    if (out && !already)
      found.push(`${named(element)} sticks out: from ${Math.round(left)} to ${Math.round(right)} px`);
    if (scrolls(element) && !allowed(element) && element.scrollWidth > element.clientWidth + 1 && !element.matches("input, textarea, select"))
      found.push(`${named(element)} scrolls sideways, and is no labelled box to focus`);
  }
  return found;
};
