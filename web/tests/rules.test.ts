import { expect, test } from "vitest";
import { cellsOf, othersOf } from "../src/rules";
import type { RuleRow, RuleSet } from "../src/types";

const rule = (id: string, kind: RuleRow["kind"], tolerance_m: number): RuleRow => ({
  id,
  kind,
  tolerance_m,
  title: { "zh-CN": id, en: id },
});
const rows = [
  rule("hard.structure-hvac", "hard", 0.01),
  rule("clearance.structure-hvac", "clearance", 0.05),
  rule("hard.hvac-hvac", "hard", 0.005),
  rule("duplicate.all", "duplicate", 0.005),
  rule("clearance.hvac-shafts", "clearance", 0.2),
];
const rules: RuleSet = {
  source: "project",
  filename: "B3.xlsx",
  name: "B3",
  axes: ["structure", "hvac"],
  selectors: ["shafts"],
  rules: rows,
  exclusions: [],
};

test("a cell has the rules of its pair, whichever comes first, and an empty one is not tested", () => {
  const cells = cellsOf(rules).map((c) => [c.a, c.b, c.rules.map((r) => r.id)]);
  expect(cells).toEqual([
    ["structure", "structure", []],
    ["structure", "hvac", ["hard.structure-hvac", "clearance.structure-hvac"]],
    ["hvac", "hvac", ["hard.hvac-hvac"]],
  ]);
  const turned = cellsOf({ ...rules, axes: ["hvac", "structure"] });
  expect(turned[1]?.rules).toHaveLength(2);
});

test("rules of no cell are not lost", () => {
  expect(othersOf(rules).map((r) => r.id)).toEqual(["duplicate.all", "clearance.hvac-shafts"]);
});
