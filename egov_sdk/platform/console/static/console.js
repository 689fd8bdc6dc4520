// The pages work without this: it only saves steps.
"use strict";
for (const form of document.querySelectorAll("form[data-ask]")) {
  form.addEventListener("submit", (event) => { if (!window.confirm(form.dataset.ask)) event.preventDefault(); });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
const drop = document.querySelector("form[data-drop]");
if (drop) {
  const input = drop.querySelector("input[type=file]");
  const status = drop.querySelector("[data-status]");
  const go = () => {
    const file = input.files[0];
    if (!file) return;
    const large = file.size > Number(drop.dataset.most);
    status.textContent = large ? drop.dataset.large : file.name + " …";
    if (!large) drop.requestSubmit();
  };
  input.addEventListener("change", go);
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
  }
  drop.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    go();
  });
  // a file that misses the field must not replace the page
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
}
