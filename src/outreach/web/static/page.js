// What makes the page easier; it works without. Nothing is sent anywhere but by the form itself.
"use strict";

const form = document.getElementById("act");
const field = (name) => form.elements[name];
const patience = 30_000; // milliseconds that a form waits for its challenge; then it goes without

// The challenge is worked on once somebody begins to fill the form in, and at once where they are about to send it.
let solving = null;
function solve() {
  if (solving || field("altcha").value || !form.dataset.challenge || !window.isSecureContext) return solving;
  solving = new Promise((done) => {
    const worker = new Worker(form.dataset.solver);
    const end = (solution) => {
      if (solution) field("altcha").value = solution;
      worker.terminate();
      done();
    };
    worker.onmessage = ({ data }) => end(data);
    worker.onerror = () => end("");
    setTimeout(() => end(""), patience);
    worker.postMessage(JSON.parse(form.dataset.challenge));
  });
  return solving;
}

// A form is sent once, however often its button is pressed, and after its challenge is solved.
let sent = false;
form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (sent) return event.preventDefault();
  if (button?.value !== "send") return undefined;
  sent = true;
  button.setAttribute("aria-disabled", "true");
  const work = solve();
  if (!work || field("altcha").value) return undefined;
  event.preventDefault();
  button.textContent = button.dataset.wait;
  work.then(() => {
    sent = false;
    solving = null;
    form.dataset.challenge = "";
    form.requestSubmit(button);
  });
  return undefined;
});
window.addEventListener("pageshow", () => {
  sent = false;
  form.querySelector("[aria-disabled]")?.removeAttribute("aria-disabled");
});

const say = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};

// One's own state is not proposed where it may harm whoever writes.
const home = document.getElementById("state");
if (home) {
  const warning = document.getElementById("own-state");
  const look = () => {
    let found = false;
    for (const group of form.querySelectorAll("details[data-state]")) {
      const own = "risk" in group.dataset && group.dataset.state === home.value;
      let left = 0;
      for (const box of group.querySelectorAll("input")) {
        const hide = own && "risk" in box.dataset;
        box.closest(".choice").hidden = hide;
        box.checked &&= !hide;
        left += hide ? 0 : 1;
      }
      group.hidden = left === 0;
      found ||= own;
    }
    say(warning, found ? warning.dataset.text : "");
  };
  home.addEventListener("change", look);
  look();
}

// How much room is left, and how much of the letter is one's own: the share of its four-word runs that are not ours.
const words = document.getElementById("words");
if (words) {
  const left = document.getElementById("words-left");
  const own = document.getElementById("own-words");
  const runs = (text) => {
    const folded = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    const found = folded.match(/[\p{L}\p{N}_]+/gu) ?? [];
    const size = Math.min(4, found.length);
    return new Set(size ? found.slice(size - 1).map((_, at) => found.slice(at, at + size).join(" ")) : []);
  };
  const ours = runs(words.dataset.suggestion);
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const count = () => {
    say(left, left.dataset.left.replace("{left}", number.format(words.dataset.longest - [...words.value].length)));
  };
  const compare = () => {
    const now = runs(words.value);
    const same = now.size ? [...now].filter((run) => ours.has(run)).length / now.size : 1;
    const share = Math.round(100 * (1 - same));
    const text = share < 5 ? own.dataset.same : share > 95 ? own.dataset.own : own.dataset.some;
    say(own, text.replace("{share}", number.format(share)));
  };
  let pause = 0;
  words.addEventListener("input", () => {
    count();
    clearTimeout(pause);
    pause = setTimeout(compare, 800); // a screen reader is told when the person rests
  });
  count();
  compare();
  form.addEventListener("focusin", solve, { once: true });
} else {
  solve();
}

document.getElementById("summary")?.focus();
