const rule = ({ language }) => {
  const { lang } = document.documentElement;
  const dir = document.documentElement.getAttribute("dir");
  const wanted = ["ur", "sd", "ps"].includes(language) ? "rtl" : "ltr";
  const found = [];
  if (lang !== language) found.push(`html has lang “${lang}”, not “${language}”`);
  if (dir !== wanted) found.push(`html has dir “${dir ?? ""}”, not “${wanted}”`);
  return found;
};
