import { expect, test } from "vitest";
import { standing } from "../src/storedfiles";

const PROBLEM = { code: "GIS430", message: "", message_en: "", remedy: "", remedy_en: "" };
const earlier = [
  {
    revision: 1,
    state: "ready" as const,
    problem: null,
    filename: "red.geojson",
    size_bytes: 1,
    sha256: "0",
    created: "2026-01-01T00:00:00Z",
  },
];
const spoiled = earlier.map((r) => ({ ...r, state: "failed" as const, problem: PROBLEM }));

test("a file says which revision counts wherever that is not its newest", () => {
  const say = (revision: number, state: "queued" | "ready" | "failed", used: number | null) =>
    standing({ revision, state, revision_in_use: used, earlier: used ? earlier : spoiled });

  expect([
    say(2, "ready", 2),
    say(2, "failed", 1),
    say(2, "queued", 1),
    say(2, "failed", null),
    say(1, "queued", null),
  ]).toEqual([
    "",
    "第 2 版无法使用，审查仍用第 1 版。",
    "第 2 版待下次审查读取，现有结果仍按第 1 版。",
    "第 2 版无法使用，也没有可用的旧版本：审查中没有它。",
    "",
  ]);
});
