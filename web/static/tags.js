// What a scan or a typed text means. The same rules as ordi/tags.py: 31 characters, a weighted sum modulo 31.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY";
const LENGTH = 6;
const SLIPS = { I: "1", L: "1", O: "0", U: "V", Z: "2" };

export function checkCharacter(body) {
  let sum = 0;
  for (let i = 0; i < body.length; i += 1) sum += (i + 1) * ALPHABET.indexOf(body[i]);
  return ALPHABET[sum % ALPHABET.length];
}

// The tag meant by a label's address or by typed characters; null when the check character does not fit.
export function readTag(text) {
  const found = /\/[MP]\/([^/?#]+)/i.exec(text);
  const said = (found ? found[1] : text).toUpperCase();
  const kept = said.replace(/[ILOUZ]/g, (slip) => SLIPS[slip]).replace(/[^0-9A-Z]/g, "");
  if (kept.length !== LENGTH + 1 || [...kept].some((char) => !ALPHABET.includes(char))) return null;
  if (checkCharacter(kept.slice(0, LENGTH)) !== kept[LENGTH]) return null;
  return `${kept.slice(0, LENGTH)}-${kept[LENGTH]}`;
}

// Seven characters in the shape of a tag, right or mistyped.
export function looksLikeATag(text) {
  return /\/[MP]\//i.test(text) || /^[0-9A-Z]{6}[ -]?[0-9A-Z]$/i.test(text.trim());
}

// A live system's QR: adopt it on our own host, whatever host the code names.
export function readAdoption(text) {
  const found = /\/B\/([0-9A-F]{32})\/([0-9A-F]{20})(?:[?#]|$)/i.exec(text);
  return found ? `/B/${found[1].toUpperCase()}/${found[2].toUpperCase()}` : null;
}

// An action card: what to do with the machines scanned next, and on which shelf.
export function readCard(text) {
  const found = /\/A\/([A-Z]+)(?:\/([^?#]{1,40}))?$/i.exec(text.trim());
  if (!found) return null;
  try {
    return { verb: found[1].toLowerCase(), value: decodeURIComponent(found[2] ?? "").toUpperCase() };
  } catch {
    return null;
  }
}

// The square of a thing of ours that has no tag (a drive): the page of this server it opens.
export function readPage(text) {
  const found = /^https?:\/\/([^/]+)(\/[A-Z]\/[^?#]{1,120})$/i.exec(text.trim());
  if (!found || typeof location === "undefined" || found[1].toLowerCase() !== location.host.toLowerCase()) return null;
  return /^\/[MABP]\//i.test(found[2]) ? null : found[2].toUpperCase();
}

// A person's own badge: letters and digits alone, no address, so that no browser keeps it.
export function readBadge(text) {
  return /^ORDIBADGE([A-Z2-7]{26})$/i.exec(text.trim())?.[1].toUpperCase() ?? null;
}

// Whether a reading is one of our codes.
export function means(text) {
  return Boolean(readTag(text) || readAdoption(text) || readCard(text) || readBadge(text) || readPage(text));
}

// USB scanners type as a US keyboard. What an AZERTY computer then shows → what was on the label.
const AZERTY = new Map(
  Object.entries({
    "&": "1", é: "2", '"': "3", "'": "4", "(": "5", "-": "6", è: "7", _: "8", ç: "9", à: "0", ")": "-",
    a: "q", q: "a", z: "w", w: "z", A: "Q", Q: "A", Z: "W", W: "Z",
    ",": "m", "?": "M", m: ";", M: ":", "!": "/", "§": "?", ":": ".", ";": ",",
  }),
);

export function fromAzerty(text) {
  return [...text].map((char) => AZERTY.get(char) ?? char).join("");
}

// The text that was on the label, for a computer whose keyboard is not the scanner's.
export function straightened(text) {
  if (!/[&éèçà"'(_)!§]/.test(text) && (means(text) || !means(fromAzerty(text)))) return text;
  const turned = fromAzerty(text);
  return means(turned) || !readTag(text) ? turned : text;
}

// What the keys mean on a US keyboard, whatever the computer's layout says.
export function usCharacter(event) {
  const { code, shiftKey } = event;
  if (/^Key[A-Z]$/.test(code)) return shiftKey ? code[3] : code[3].toLowerCase();
  if (/^(Digit|Numpad)\d$/.test(code)) return code.at(-1);
  const signs = { Minus: "-_", Slash: "/?", Semicolon: ";:", Period: ".>", Comma: ",<", Space: "  ", NumpadSubtract: "--", NumpadDivide: "//" };
  return signs[code]?.[shiftKey ? 1 : 0] ?? "";
}
