import { filters } from "./filters.js";

/** What the form says, as requests: one, or two side by side. */
export function requests(form) {
  const sides = [...form.querySelectorAll("fieldset")].filter(side => !side.hidden);
  return sides.map(side => request(form, side));
}

function request(form, side) {
  const value = name => side.querySelector(`[name=${name}]`).value;
  const body = { question: form.question.value, bundle: Number(value("bundle")), encoder: value("encoder"), limit: Number(form.limit.value) };
  if (value("mode")) body.mode = value("mode");
  if (side.querySelector("[name=given]").checked) body.threshold = Number(value("threshold"));
  if (form.context.checked) body.context = 700;
  const where = filters(form.where.value);
  if (where) body.where = where;
  return body;
}

/** Sliders show their value, and the second side appears where two are compared. */
export function prepare(form) {
  for (const side of form.querySelectorAll("fieldset")) {
    const [given, slider, shown, bundle] = ["[name=given]", "[name=threshold]", "output", "[name=bundle]"].map(one => side.querySelector(one));
    const show = () => (shown.textContent = Number(slider.value).toFixed(2));
    const own = () => {
      slider.disabled = slider.closest("label").hidden = !given.checked;
      const measured = bundle.selectedOptions[0].dataset.threshold;
      if (!given.checked && measured) slider.value = measured;
      show();
    };
    slider.addEventListener("input", show);
    given.addEventListener("change", own);
    bundle.addEventListener("change", own);
    own();
  }
  form.compare.addEventListener("change", () => (form.querySelector("[data-side='1']").hidden = !form.compare.checked));
}

/** What a column is called; of two, which one it is, since both may be alike. */
export function heading(form, body, side = "") {
  const bundle = form.querySelector("[name=bundle]").options[body.bundle].textContent;
  return side + [bundle, body.encoder === "main" ? "" : body.encoder, body.mode].filter(Boolean).join(", ");
}
