/** Formats dates and times in the reader's time zone. */

const DAY = 24 * 3600 * 1000;
const HALF_A_YEAR = 182 * DAY;

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const secondsFormat = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
const slashFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "short" });

/** Returns the time of day, like "10:32 AM", of seconds since 1970. */
export const timeOf = (seconds) => timeFormat.format(seconds * 1000);

/** Returns the full date and time, for a tooltip. */
export const momentOf = (seconds) => fullFormat.format(seconds * 1000);

/** Returns a duration in words, like "18 minutes"; smaller units are dropped. */
export function lengthOf(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (!hours && !minutes) return counted(Math.round(seconds), "second");
  const parts = [hours && counted(hours, "hour"), minutes && counted(minutes, "minute")];
  return parts.filter(Boolean).join(" ");
}

const counted = (number, unit) => `${number} ${unit}${number === 1 ? "" : "s"}`;

/** Returns "Today", "Yesterday" or the full date, for the line between two days. */
export function dayOf(seconds) {
  const date = new Date(seconds * 1000);
  return relative(date, true) ?? long(date);
}

/** Fills in the tokens of Slack's `<!date^…>`; returns null if the time is invalid. */
export function slackDate(seconds, format) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return null;
  return format.replace(/\{(\w+)\}/g, (token, name, at) => TOKENS[name]?.(date, at === 0) ?? token);
}

const TOKENS = {
  date_num: (date) => [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-"),
  date_slash: (date) => slashFormat.format(date),
  date: (date) => `${month(date, "long")} ${ordinal(date.getDate())}${year(date)}`,
  date_short: (date) => `${month(date, "short")} ${date.getDate()}${year(date)}`,
  date_long: long,
  date_pretty: (date, first) => relative(date, first) ?? TOKENS.date(date),
  date_short_pretty: (date, first) => relative(date, first) ?? TOKENS.date_short(date),
  date_long_pretty: (date, first) => relative(date, first) ?? long(date),
  time: (date) => timeFormat.format(date),
  time_secs: (date) => secondsFormat.format(date),
  ago,
};

function long(date) {
  const weekday = date.toLocaleDateString("en", { weekday: "long" });
  return `${weekday}, ${month(date, "long")} ${ordinal(date.getDate())}${year(date)}`;
}

/** Returns "yesterday", "today" or "tomorrow", capitalised at the start of the text. */
function relative(date, first) {
  const days = Math.round((midnight(date) - midnight(new Date())) / DAY);
  const word = { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
  return word && first ? word[0].toUpperCase() + word.slice(1) : word;
}

function ago(date) {
  const seconds = (date - Date.now()) / 1000;
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? units.at(-1);
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  return words.format(Math.round(seconds / size), unit);
}

/** Slack omits the year of dates less than six months away. */
function year(date) {
  return Math.abs(date - Date.now()) < HALF_A_YEAR ? "" : `, ${date.getFullYear()}`;
}

function ordinal(day) {
  const teen = day > 10 && day < 14;
  return day + ((!teen && ["th", "st", "nd", "rd"][day % 10]) || "th");
}

const two = (number) => String(number).padStart(2, "0");
const month = (date, style) => date.toLocaleDateString("en", { month: style });
const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
