import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Key, texts } from "../src/texts";

const zh = texts["zh-CN"];
const keys = Object.keys(zh) as Key[];
const sources = readdirSync("src")
  .filter((name) => /\.tsx?$/.test(name) && name !== "texts.ts" && name !== "schema.d.ts")
  .map((name) => readFileSync(`src/${name}`, "utf8"))
  .join("\n");

test("both languages have the same keys and no empty text", () => {
  expect(Object.keys(texts.en).sort()).toEqual([...keys].sort());
  for (const key of keys) {
    expect(zh[key].trim(), key).not.toBe("");
    expect(texts.en[key].trim(), key).not.toBe("");
  }
});

test("both languages fill in the same values", () => {
  const names = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const key of keys) expect(names(texts.en[key]), key).toEqual(names(zh[key]));
});

test("the Chinese of a sentence is Chinese and the English is not", () => {
  const neutral = keys.filter((key) => /[㐀-鿿]/.test(texts.en[key]));
  expect(neutral).toEqual([]);
});

test("every text is used: by its key, or by a group whose last part is a code", () => {
  const patterns = [/word\("(\w+)"/g, /t\(\s*`([\w.]+)\.\$\{/g];
  const groups = patterns.flatMap((p) => [...sources.matchAll(p)].map((m) => m[1] ?? ""));
  const used = (key: string) =>
    sources.includes(`"${key}"`) || groups.some((group) => key.startsWith(`${group}.`));
  expect(keys.filter((key) => !used(key))).toEqual([]);
});
