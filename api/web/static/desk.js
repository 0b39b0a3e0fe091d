// What takes longer than a page should: it comes when the page is there. Without script a link leads to it.
export async function load() {
  for (const place of document.querySelectorAll("[data-load]")) {
    try {
      const answer = await fetch(place.dataset.load);
      if (answer.ok && !answer.redirected) place.innerHTML = await answer.text();
    } catch {
      // the link stays
    }
  }
}
