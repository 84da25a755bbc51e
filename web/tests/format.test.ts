import { afterEach, expect, test } from "vitest";
import { ago, band, bytes, cubicMetres, duration, metres } from "../src/format";
import { lang, t, word } from "../src/i18n";

afterEach(() => {
  lang.value = "zh-CN";
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1536, "1.5 KB"],
  [5 * 1024 * 1024, "5.0 MB"],
  [300 * 1024 * 1024, "300 MB"],
])("%d bytes are %s", (n, text) => expect(bytes(n)).toBe(text));

test.each([
  [0.05, "50 mm"],
  [0.0004, "0.4 mm"],
  [2.5, "2.50 m"],
])("%d m are %s", (n, text) => expect(metres(n)).toBe(text));

test.each([
  [0.00005, "50 cm³"],
  [0.03, "30.0 L"],
  [1.2, "1.20 m³"],
])("%d m3 are %s", (n, text) => expect(cubicMetres(n)).toBe(text));

test("durations are in the language of the screen", () => {
  expect(duration(3.21)).toBe("3.2 秒");
  expect(duration(75)).toBe("75 秒");
  lang.value = "en";
  expect(duration(600)).toBe("10 min");
  expect(duration(Number.POSITIVE_INFINITY)).toBe("–");
});

test("how long ago is said in the largest unit that fits", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  lang.value = "en";
  expect(ago("2026-11-23T11:57:00Z", now)).toBe("3 minutes ago");
  expect(ago("2026-11-21T12:00:00Z", now)).toBe("2 days ago");
  expect(ago("never", now)).toBe("never");
});

test.each([
  [100, "critical"],
  [80, "critical"],
  [79, "high"],
  [40, "medium"],
  [20, "low"],
  [0, "note"],
])("severity %d is %s", (n, name) => expect(band(n)).toBe(name));

test("words fall back on the code, texts fill in what they are given", () => {
  expect(word("status", "new")).toBe("新发现");
  expect(word("status", "on_the_moon")).toBe("on_the_moon");
  expect(t("issues.count", { n: 3, total: 9 })).toBe("3 个问题（共 9 个）");
});
