// Coming back in place: the switch between people of a shared device, and signing in again over an open page.
// The page stays as it is; what was on its way is sent again by the very same form, and never under another name.
"use strict";

{
  const door = document.getElementById("entering");
  const pageOf = document.body.dataset.person || "";
  let goOn = null; // what was on its way when its author turned out to be signed out

  function call(address, options = {}) {
    const headers = { "Clinic-Script": "1", ...options.headers };
    return fetch(address, { credentials: "same-origin", ...options, headers });
  }

  // By attribute: a field called "action" hides the property of that name.
  function addressOf(form) {
    return new URL(form.getAttribute("action") || "", location.href);
  }

  function isSent(form) {
    return (form.getAttribute("method") || "").toLowerCase() === "post" && !door.contains(form);
  }

  function here() {
    return location.pathname + location.search;
  }

  // Who is signed in; null where there is no network to ask.
  async function present() {
    try {
      const answer = await call("/session/");
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  // --- The dialog.
  function show(html, kind) {
    door.dataset.kind = kind;
    door.innerHTML = html;
    for (const keys of door.querySelectorAll("[data-keys]")) keys.hidden = false;
    for (const button of door.querySelectorAll("[data-no-keys]")) button.hidden = true;
    for (const note of door.querySelectorAll("[data-sent-again]")) note.hidden = !goOn;
    // The keys stand on the page: a keyboard of the tablet would only cover them.
    for (const pin of door.querySelectorAll(".pad__pin")) pin.inputMode = "none";
    if (!door.open) door.showModal();
    const first = door.querySelector("input[type=radio]:checked") ? door.querySelector(".pad__pin") : null;
    (first || door.querySelector("input[type=radio]:enabled, .pad__pin, input:not([type=hidden], [hidden]), a"))?.focus();
  }

  async function askAgain(html, whenBack) {
    // What the page asks for by itself must not take away what is being typed into either dialog.
    if (door.open) {
      goOn = goOn || whenBack;
      return;
    }
    goOn = whenBack || null;
    show(html || (await (await call(`/session/again/?person=${pageOf}`)).text()), "again");
  }

  async function openSwitch() {
    await keepTyped();
    show(await (await call(`/switch/?next=${encodeURIComponent(here())}`)).text(), "switch");
  }

  // --- Signing in. The answer is who is signed in now, or the dialog with what was wrong.
  async function enter(form) {
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    try {
      const answer = await call(addressOf(form), { method: "POST", body: new FormData(form) });
      if (answer.headers.get("Content-Type").includes("json")) entered(await answer.json());
      else show(await answer.text(), door.dataset.kind);
    } catch {
      complain("No network. Try again.");
    }
    delete form.dataset.sending;
  }

  function complain(text) {
    const line = document.createElement("p");
    line.className = "strip strip--danger";
    line.setAttribute("role", "alert");
    line.textContent = text;
    door.querySelector("form").append(line);
  }

  async function entered(who) {
    if (who.continue) {
      // Another step, such as a code from a phone, has a page of its own; what is typed here is kept before.
      location.assign(`${who.continue}?next=${encodeURIComponent(here())}`);
    } else if (who.person === pageOf) {
      for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = who.csrf;
      document.dispatchEvent(new CustomEvent("clinic:here", { detail: who }));
      const next = goOn;
      goOn = null;
      door.close();
      if (next) next();
    } else if (door.dataset.kind === "switch") {
      location.assign(here());
    } else {
      // Somebody else: the page stays whose it is, and nothing of it is sent.
      show(await (await call(`/session/again/?person=${pageOf}`)).text(), "again");
    }
  }

  door.addEventListener("cancel", (event) => {
    if (door.dataset.kind === "again" && !door.querySelector("[data-dismiss]")) event.preventDefault();
  });

  door.addEventListener("click", (event) => {
    const key = event.target.closest("[data-digit]");
    if (key) {
      const pin = key.closest("form").elements.pin;
      pin.value = key.dataset.digit ? (pin.value + key.dataset.digit).slice(0, pin.maxLength) : pin.value.slice(0, -1);
    }
    if (event.target.closest("[data-dismiss]")) {
      goOn = null;
      door.close();
    }
    const leave = event.target.closest("[data-leave]");
    if (leave) {
      event.preventDefault();
      if (leave.dataset.leave === "here") location.assign(here());
      else openSwitch();
    }
  });

  door.addEventListener("change", (event) => {
    if (event.target.name === "person") door.querySelector(".pad__pin").focus();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-switch]");
    if (!opener || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    openSwitch().catch(() => location.assign(opener.href));
  });

  // --- What was on its way is held back while its author is signed out. The server keeps it for them meanwhile, should
  // somebody else take the device; once it is sent, what was kept is dropped.
  function hold(form) {
    if (!(form instanceof HTMLFormElement) || !form.elements.idempotency_key) return;
    nameDraft(form);
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "draft_of";
    field.value = `unsent:${addressOf(form).pathname}`.slice(0, 200);
    form.append(field);
  }

  function sendAgain(element, event) {
    if (element instanceof HTMLFormElement) element.requestSubmit(event.submitter || undefined);
    else if (event.type === "click") element.click();
    else window.htmx.trigger(element, event.type);
  }

  document.body.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, elt, requestConfig } = event.detail;
    if (!xhr.getResponseHeader("Clinic-Sign-In")) return;
    event.preventDefault();
    const act = requestConfig.triggeringEvent;
    // What the device has written down is sent from there, once; sent again from here it would be a second entry.
    const isKept = Boolean(elt.dataset.item);
    if (act && !isKept) hold(elt);
    askAgain(xhr.responseText, act && (isKept ? () => {} : () => sendAgain(elt, act)));
  });

  document.body.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.triggeringEvent) event.detail.headers["Clinic-Poll"] = "1";
  });

  document.addEventListener("clinic:signed-out", (event) => askAgain("", event.detail && event.detail.goOn));

  // A form that would leave the page and stores something is sent only after a look at who is signed in.
  const looked = new WeakSet();

  function leavesPage(form) {
    const boosted = form.closest("[hx-boost]");
    const byHtmx = form.matches("[hx-post], [hx-get]") || (boosted && boosted.getAttribute("hx-boost") === "true");
    return pageOf && form.elements.idempotency_key && isSent(form) && !byHtmx && !form.target;
  }

  async function look(form, submitter) {
    form.dataset.looking = "yes";
    const who = await present();
    delete form.dataset.looking;
    const send = () => {
      looked.add(form);
      form.requestSubmit(submitter || undefined);
    };
    // Known before the form goes: what can be written down on the device is, in place of leaving for an error page.
    if (!who) document.dispatchEvent(new CustomEvent("clinic:unreachable"));
    if (!who || who.person === pageOf) return send();
    if (!who.person) call(addressOf(form), { method: "POST", body: new FormData(form) }).catch(() => {});
    hold(form);
    return askAgain("", send);
  }

  // On the window, before anything else hears of it: a form that is held back has not been sent.
  window.addEventListener("submit", (event) => {
    const form = event.target;
    const enters = form.dataset.enter !== undefined && door.contains(form);
    if (!enters && (!leavesPage(form) || looked.delete(form))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (enters) enter(form);
    else if (!form.dataset.looking) look(form, event.submitter);
  }, true);

  // --- What is typed and not sent stays its author's: kept on the server before somebody else takes the device.
  function nameOfForm(form) {
    const alike = [...document.forms].filter((other) => addressOf(other).pathname === addressOf(form).pathname);
    return `page:${location.pathname}:${addressOf(form).pathname}:${alike.indexOf(form)}`.slice(0, 200);
  }

  async function keepTyped() {
    if (!pageOf) return;
    const forms = [...document.forms].filter(isSent);
    const changed = forms.filter((form) => [...form.elements].some((field) => isTyped(field) && isChanged(field)));
    for (const form of changed.filter((form) => !form.dataset.draft)) form.dataset.draft = nameOfForm(form);
    for (const form of changed) clearTimeout(waiting.get(form));
    await Promise.all(changed.map(saveDraft));
    const kept = changed.map((form) => form.dataset.draft).filter((name) => name.startsWith("page:"));
    // Only the names of forms stay in the browser, never what is typed.
    sessionStorage.setItem(`typed:${pageOf}`, JSON.stringify([...new Set([...keptForms(), ...kept])]));
  }

  function keptForms() {
    return JSON.parse(sessionStorage.getItem(`typed:${pageOf}`) || "[]");
  }

  function bringBack(form, body) {
    for (const [name, values] of Object.entries(body || {})) {
      [...form.elements].filter((field) => field.name === name && isTyped(field)).forEach((field, place) => putIn(field, values, place));
    }
  }

  if (pageOf && keptForms().length) {
    const kept = [...document.forms].filter((form) => isSent(form) && !form.dataset.draft && keptForms().includes(nameOfForm(form)));
    for (const form of kept) {
      form.dataset.draft = nameOfForm(form);
      form.dataset.restored = "yes";
    }
    if (kept.length) draftsOf(kept).then((bodies) => kept.forEach((form) => bringBack(form, bodies[form.dataset.draft])));
  }

  window.entering = { door, pageOf, call, present, askAgain, keepTyped };
}
