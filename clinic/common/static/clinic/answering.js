/* Keeps what a patient chooses as it is chosen. Without this file the buttons of the page keep it. */
(function () {
  "use strict";
  var form = document.querySelector("form[data-keep]");
  if (!form || !window.fetch || !window.FormData || !window.URLSearchParams) return;
  var line = form.querySelector("[data-kept]");
  var help = document.getElementById("help");
  var busy = false, again = false, timer = 0;

  function told(kept) {
    line.textContent = line.getAttribute(kept ? "data-kept" : "data-not-kept");
  }

  // One request at a time, and the newest state last.
  function keep() {
    if (busy) { again = true; return; }
    busy = true;
    again = false;
    window.fetch(form.getAttribute("data-keep"), { method: "POST", body: new URLSearchParams(new FormData(form)) })
      .then(function (answer) { return answer.ok ? answer.json() : { kept: false }; })
      .then(function (found) {
        told(found.kept);
        if (found.help && help && help.hidden) {
          help.hidden = false;
          help.scrollIntoView({ block: "nearest" });
        }
      })
      .catch(function () { told(false); })
      .then(function () {
        busy = false;
        if (again) keep();
      });
  }

  form.addEventListener("change", keep);
  form.addEventListener("input", function (event) {
    if (event.target.tagName !== "TEXTAREA") return;
    window.clearTimeout(timer);
    timer = window.setTimeout(keep, 800);
  });

  // Chosen before this file was here, on a slow network, or brought back by the browser: it asks for help as well.
  function chosenUnseen() {
    return Array.prototype.some.call(form.elements, function (field) {
      return field.type === "radio" ? field.checked !== field.defaultChecked
        : field.tagName === "TEXTAREA" && field.value !== field.defaultValue;
    });
  }
  if (chosenUnseen()) keep();
})();
