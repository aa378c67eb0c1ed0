// A number gets two thumbs, one less and one more; without script it is typed.
for (const field of document.querySelectorAll("input[data-counter]")) {
  const keys = document.createElement("div");
  keys.className = "counter-keys";
  field.after(keys);
  const key = (sign, step, words) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = sign;
    button.setAttribute("aria-label", `${words} (${field.labels[0]?.textContent ?? ""})`);
    button.addEventListener("click", () => {
      if (step > 0) field.stepUp();
      else field.stepDown();
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    return button;
  };
  keys.append(key("−", -1, field.dataset.sayLess), field, key("+", 1, field.dataset.sayMore));
}
