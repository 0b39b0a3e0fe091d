// A receipt as a picture, to share or to keep: drawn from what stands on the page.

const WIDE = 720;
const LINE = 60;
const EDGE = 36;

/** Bring the buttons of receipts to life. */
export function enhanceReceipts() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  for (const button of document.querySelectorAll("[data-share]")) {
    button.hidden = false;
    button.addEventListener("click", () => share(button.closest(".receipt")));
  }
}

async function share(receipt) {
  const canvas = drawn(receipt);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const file = new File([blob], `${receipt.id}.png`, { type: "image/png" });
  if (navigator.canShare?.({ files: [file] })) {
    await navigator.share({ files: [file] }).catch(() => {}); // she may choose not to
    return;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function drawn(receipt) {
  const rows = [...receipt.querySelectorAll("tr")];
  const canvas = document.createElement("canvas");
  canvas.width = WIDE;
  canvas.height = EDGE * 2 + LINE * (rows.length + 2);
  const pen = canvas.getContext("2d");
  const rtl = document.documentElement.dir === "rtl";
  const [start, end] = rtl ? [WIDE - EDGE, EDGE] : [EDGE, WIDE - EDGE];
  const font = getComputedStyle(document.body).fontFamily;
  let at = EDGE + LINE / 2;

  function text(said, x, { size = 30, bold = false, align = "start", direction = rtl ? "rtl" : "ltr" } = {}) {
    pen.font = `${bold ? 700 : 400} ${size}px ${font}`;
    pen.direction = direction;
    pen.textAlign = align;
    pen.textBaseline = "middle";
    pen.fillText(said, x, at, WIDE - 2 * EDGE);
  }

  function rule(below) {
    pen.fillRect(EDGE, at + below, WIDE - 2 * EDGE, 2);
  }

  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, WIDE, canvas.height);
  pen.fillStyle = "#14211b";
  text(plain(receipt.querySelector("h3 [data-name]")), start, { size: 36, bold: true });
  text(plain(receipt.querySelector("h3 bdi:not([data-name] *)")), end, { size: 24, direction: "ltr", align: rtl ? "left" : "right" });
  at += LINE;
  rule(-LINE / 2);
  for (const row of rows) {
    const bold = row.parentElement.tagName === "TFOOT";
    if (bold) rule(-LINE / 2);
    text(plain(row.querySelector("th")), start, { bold });
    text(plain(row.querySelector("td")), end, { bold, direction: "ltr", align: rtl ? "left" : "right" });
    at += LINE;
  }
  rule(-LINE / 2);
  rule(-LINE / 2 + 5);
  text(plain(receipt.querySelector("[data-where]")), start, { size: 24 });
  return canvas;
}

function plain(element) {
  return element.textContent.replace(/\s+/g, " ").trim();
}
