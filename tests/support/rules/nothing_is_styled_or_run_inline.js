// Style sheets and scripts come as files of their own; JSON in a script element is data.
const rule = () => {
  const found = [];
  for (const element of document.querySelectorAll("*")) {
    if (element.hasAttribute("style")) found.push(`${named(element)} has a style attribute`);
    for (const name of element.getAttributeNames())
      if (/^on/i.test(name)) found.push(`${named(element)} has ${name}`);
    for (const name of ["href", "action", "formaction", "src"])
      if (/^\s*javascript:/i.test(element.getAttribute(name) ?? "")) found.push(`${named(element)} runs its ${name}`);
    if (element.localName === "style") found.push("a style element");
    if (element.localName === "script" && !element.src && element.type !== "application/json")
      found.push("a script without a file");
  }
  return found;
};
