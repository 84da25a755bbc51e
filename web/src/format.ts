/** Numbers and times as people write them. */
import { lang, t } from "./i18n";

export function bytes(n: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = n;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function count(n: number): string {
  return new Intl.NumberFormat(lang.value).format(n);
}

/** Metres as a person on site says them: millimetres below one metre. */
export function metres(value: number): string {
  const size = Math.abs(value);
  if (size < 0.001 && size > 0) return `${(value * 1000).toFixed(1)} mm`;
  if (size < 1) return `${Math.round(value * 1000)} mm`;
  return `${value.toFixed(2)} m`;
}

export function cubicMetres(value: number): string {
  const litres = Math.abs(value) * 1000;
  if (litres < 1) return `${(litres * 1000).toFixed(0)} cm³`;
  return litres < 100 ? `${litres.toFixed(1)} L` : `${value.toFixed(2)} m³`;
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 10) return t("time.seconds", { n: seconds.toFixed(1) });
  if (seconds < 90) return t("time.seconds", { n: Math.round(seconds) });
  return t("time.minutes", { n: Math.round(seconds / 60) });
}

export function dateTime(iso: string): string {
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return iso;
  return new Intl.DateTimeFormat(lang.value, {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).format(when);
}

const DATES = {
  long: { year: "numeric", month: "long", day: "numeric", weekday: "short" },
  day: { month: "short", day: "numeric" },
  month: { month: "short" },
  time: { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** A day of the plan, given as minutes of its local time since the begin of 1970. */
export function planDate(at: number, look: keyof typeof DATES): string {
  const options = { ...DATES[look], timeZone: "UTC" };
  return new Intl.DateTimeFormat(lang.value, options).format(new Date(at * 60_000));
}

/** How long ago, for lists. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const words = new Intl.RelativeTimeFormat(lang.value, { numeric: "auto" });
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [60, "second"],
    [3600, "minute"],
    [86400, "hour"],
    [30 * 86400, "day"],
    [365 * 86400, "month"],
  ];
  if (Number.isNaN(seconds)) return iso;
  let size = 1;
  for (const [limit, unit] of steps) {
    if (Math.abs(seconds) < limit) return words.format(Math.round(seconds / size), unit);
    size = limit;
  }
  return words.format(Math.round(seconds / size), "year");
}

export type Band = "critical" | "high" | "medium" | "low" | "note";

/** The colour band of a severity from 0 to 100. */
export function band(severity: number): Band {
  if (severity >= 80) return "critical";
  if (severity >= 60) return "high";
  if (severity >= 40) return "medium";
  return severity >= 20 ? "low" : "note";
}

/** A share of one as a whole percentage. */
export function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}
