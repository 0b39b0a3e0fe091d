// Where markup can stand, a digit stands in <bdi dir="ltr">. Where none can (an option, a text
// area, text in SVG, what a button says or an attribute that is drawn), its text has no Arabic
// letter, or has its digits between U+2066 and U+2069; what is only spoken may mix. A field whose
// value has digits runs from left to right, or as its text does (dir="auto"). Text in SVG says
// direction="ltr" for itself.
const WESTERN = /[0-9]/;
const EASTERN = /[\u0660-\u0669\u06F0-\u06F9]/;
const ARABIC = /[\u0600-\u06FF\u0750-\u077F\u08A0-\u08FF\uFB50-\uFDFF\uFE70-\uFEFC]/;
const ISOLATED = /\u2066[^\u2066\u2069]*\u2069/g;
const BARE = "option, optgroup, textarea, svg";
const SPOKEN = ["alt", "aria-label", "aria-description", "aria-valuetext", "placeholder", "title"];
const DRAWN = ["alt", "placeholder", "title"];
const FIELDS = "input:not([type=hidden], [type=checkbox], [type=radio], [type=file], [type=password]), textarea";

const bare = (text) => ARABIC.test(text) && WESTERN.test(text.replace(ISOLATED, ""));

const rule = () => {
  const found = [];
  const say = (element, text, what) => found.push(`${named(element)}: “${text.trim().slice(0, 40)}” ${what}`);
  for (const [text, element] of texts()) {
    const isolated = element.closest("bdi[dir=ltr]");
    if (EASTERN.test(text)) say(element, text, "has digits that are not Western");
    else if (isolated && ARABIC.test(text)) say(element, text, "has Arabic letters in a bdi from left to right");
    else if (element.closest(BARE)) {
      if (bare(text)) say(element, text, "mixes digits with Arabic letters, not isolated");
      if (element.closest("svg text") && WESTERN.test(text) && getComputedStyle(element).direction !== "ltr")
        say(element, text, "has digits in SVG that runs from right to left");
    } else if (!isolated && WESTERN.test(text)) say(element, text, "has digits outside a bdi from left to right");
  }
  for (const element of document.querySelectorAll("*"))
    for (const name of SPOKEN) {
      const text = element.getAttribute(name) ?? "";
      if (EASTERN.test(text)) say(element, text, `has digits that are not Western, in ${name}`);
      if (DRAWN.includes(name) && bare(text)) say(element, text, `mixes digits with Arabic letters in ${name}, not isolated`);
    }
  for (const field of document.querySelectorAll(FIELDS)) {
    const text = field.value || field.placeholder;
    const button = /^(submit|button|reset)$/.test(field.type);
    const fits = button ? !bare(text) : field.dir === "auto" || getComputedStyle(field).direction === "ltr";
    if (WESTERN.test(text) && !fits) say(field, text, "has digits in a field from right to left");
  }
  return found;
};
