const TIME = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const TIME_MILLIS = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});
const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const WHOLE = new Intl.NumberFormat("en");

const DAY = 86_400_000;

/** `12:03:11`, of milliseconds since 1970. */
export function time(millis) {
  return TIME.format(millis);
}

/** `12:03:11.042` */
export function timeMillis(millis) {
  return TIME_MILLIS.format(millis);
}

/** The time, with its date if that is not today. */
export function dateTime(millis) {
  return new Date(millis).toDateString() === new Date().toDateString() ? time(millis) : DATE_TIME.format(millis);
}

/** `12,345` */
export function whole(value) {
  return WHOLE.format(Math.round(value));
}

/** With about three digits: `0.42`, `7.5`, `1,234`. */
export function rough(value) {
  return value === 0 || value >= 100 ? whole(value) : String(Number(value.toPrecision(value < 10 ? 2 : 3)));
}

/** `64 KiB` */
export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${rough(rest)} ${units[unit]}`;
}

/** `0.42 ms`, `1.5 s`, `2 min 3 s`, `4 h 12 min`, `3 d 2 h` */
export function duration(millis) {
  if (millis < 1000) {
    return `${rough(millis)} ms`;
  }
  if (millis < 10_000) {
    return `${rough(millis / 1000)} s`;
  }
  const seconds = Math.round(millis / 1000);
  const parts = [
    [Math.floor(millis / DAY), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** `1 message`, `12 messages` */
export function count(value, noun) {
  return `${whole(value)} ${noun}${value === 1 ? "" : "s"}`;
}
