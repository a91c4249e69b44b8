// The sentences of the offline parts, written by the server in the page's language (templates/_layout/_outbox.html).
const words = document.getElementById("outbox-words");

export function word(name, values = {}) {
  const found = words && words.content.querySelector(`[data-word="${name}"]`);
  const text = found ? found.textContent.trim() : name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

export function element(tag, { className = "", text = "", ...attributes } = {}, children = []) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
