// A label stock drawn at its true size while its measures are typed. The server decides what fits; this shows it sooner.
const form = document.querySelector("[data-stock]");
const SLACK = 0.05;
const MOST = 200;

function value(name) {
  return Number.parseFloat((form.elements[name]?.value ?? "").replace(",", "."));
}

function rect(kind, x, y, width, height, corner = 0) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const told = { class: kind, x, y, width, height, rx: corner };
  for (const [name, said] of Object.entries(told)) made.setAttribute(name, said);
  return made;
}

function draw() {
  const svg = document.querySelector("[data-stock-drawing]");
  const [width, height, cellWidth, cellHeight, left, top] = ["page_width", "page_height", "cell_width", "cell_height", "left", "top"].map(value);
  const [columns, rows, corner] = [value("columns"), value("rows"), value("corner") || 0];
  if (![width, height, cellWidth, cellHeight, left, top, columns, rows].every(Number.isFinite)) return;
  if (width <= 0 || height <= 0 || width > 1000 || height > 1000 || columns * rows > MOST) return;
  const [pitchX, pitchY] = [value("pitch_x") || cellWidth, value("pitch_y") || cellHeight];
  svg.setAttribute("width", `${width}mm`);
  svg.setAttribute("height", `${height}mm`);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const drawn = [rect("page-edge", 0, 0, width, height)];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const [x, y] = [left + column * pitchX, top + row * pitchY];
      const off = x + cellWidth > width + SLACK || y + cellHeight > height + SLACK
        || (column > 0 && pitchX < cellWidth - SLACK) || (row > 0 && pitchY < cellHeight - SLACK);
      drawn.push(rect(off ? "cell-off" : "cell-on", x, y, cellWidth, cellHeight, corner));
    }
  }
  svg.replaceChildren(...drawn);
}

form.addEventListener("input", draw);
