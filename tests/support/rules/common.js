// What the rules share. Each rule is a function of what it is given and returns sentences.
const shown = (element) =>
  element.checkVisibility({ visibilityProperty: true, opacityProperty: false });

// A short way to say which element is meant.
const named = (element) => {
  const name = element.id ? `#${element.id}` : [...element.classList].map((c) => `.${c}`).join("");
  const text = (element.innerText ?? element.textContent ?? "").trim().replace(/\s+/g, " ");
  return `<${element.localName}${name}>` + (text ? ` “${text.slice(0, 40)}”` : "");
};

// Hidden from eyes for the sake of screen readers: clipped to nothing, or far outside.
const unseen = (element) => {
  const box = element.getBoundingClientRect();
  return box.width <= 1 || box.height <= 1 || box.right <= -1000 || box.bottom <= -1000;
};

// The texts of the page with the element that each stands in.
const texts = () => textNodes().map(([node, element]) => [node.data, element]);
const textNodes = () => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!element.closest("script, style, template, noscript"))
      found.push([walker.currentNode, element]);
  }
  return found;
};
