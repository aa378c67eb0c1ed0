// Four pictures, touched in order (templates/sign_in/pictures.html): whose they are, and what follows, is the page's.
export const LONG = 4;

// `room` holds the grid, `input` receives the names; `told(count)` is called after each touch.
export function touchFour(room, input, told = () => {}) {
  let chosen = [];

  function draw() {
    const words = room.querySelector("[data-dots]");
    words.textContent = words.dataset.say.replace("{n}", chosen.length);
    for (const [place, dot] of room.querySelectorAll("[data-dot]").entries()) dot.toggleAttribute("data-on", place < chosen.length);
    input.value = chosen.join(" ");
  }

  function clear() {
    chosen = [];
    draw();
  }

  room.addEventListener("click", (event) => {
    const button = event.target.closest("[data-picture], [data-picture-clear]");
    if (!button) return;
    if ("pictureClear" in button.dataset) clear();
    else if (chosen.length < LONG) chosen.push(button.dataset.picture);
    draw();
    told(chosen.length);
  });
  draw();
  told(0);
  return { clear };
}
