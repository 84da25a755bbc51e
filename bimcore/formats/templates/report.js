"use strict";
(() => {
  const root = document.documentElement;
  const one = (id) => document.getElementById(id);
  const cards = [...document.querySelectorAll(".issue")];
  const shown = one("shown");

  const speak = (language) => {
    root.dataset.language = language;
    root.lang = language;
    for (const option of document.querySelectorAll("option[data-zh]")) {
      option.textContent = language === "en" ? option.dataset.en : option.dataset.zh;
    }
    const text = one("text");
    if (text) text.placeholder = language === "en" ? text.dataset.en : text.dataset.zh;
  };

  const filter = () => {
    const least = Number(one("severity").value);
    const storey = one("storey").value;
    const status = one("status").value;
    const words = one("text").value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const card of cards) {
      const open = card.dataset.status !== "resolved";
      const fits =
        Number(card.dataset.severity) >= least &&
        (storey === "" || card.dataset.storey === storey) &&
        (status === "" || (status === "open" ? open : card.dataset.status === status)) &&
        (words.length === 0 || words.every((w) => card.textContent.toLowerCase().includes(w)));
      card.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = `${count} / ${cards.length}`;
    one("nothing").hidden = count > 0;
  };

  const copy = async (button) => {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      // A file opened from disk may not reach the clipboard: select, so that one key does it.
      const range = document.createRange();
      range.selectNodeContents(code);
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      document.execCommand("copy");
    }
    button.classList.add("done");
    button.firstElementChild.hidden = true;
    button.lastElementChild.hidden = false;
    window.setTimeout(() => {
      button.firstElementChild.hidden = false;
      button.lastElementChild.hidden = true;
    }, 1200);
  };

  one("language").addEventListener("click", () => speak(root.dataset.language === "en" ? "zh-CN" : "en"));
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) copy(button);
  });
  if (cards.length > 0) {
    for (const id of ["severity", "storey", "status"]) one(id).addEventListener("change", filter);
    one("text").addEventListener("input", filter);
    filter();
  }
  speak(root.dataset.language);
})();
