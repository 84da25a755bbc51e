import { expect, test } from "vitest";
import { listed, matches, narrowing, storeysOf, UNFILTERED } from "../src/filters";
import type { Issue } from "../src/types";

function issue(change: Partial<Issue>): Issue {
  return {
    id: "a",
    number: 1,
    fingerprint: "f",
    kind: "clash",
    rule: "hard.structure-hvac",
    title: { "zh-CN": "风管穿梁", en: "Duct through beam" },
    description: { "zh-CN": "", en: "" },
    severity: 50,
    severity_override: null,
    severity_factors: [],
    confidence: 1,
    status: "new",
    status_reason: {},
    allowed_status: [],
    members: [],
    elements: [
      {
        model: "mep",
        guid: "0LVqdbBCr0Jw3oPqG5$abc",
        ifc_class: "IfcDuctSegment",
        name: "送风管 800x400",
        type: "",
        storey: "3F",
        system: "SA-1",
        side: "a",
        index: 7,
      },
    ],
    point: null,
    extent_m: 1,
    storey: "3F",
    window: null,
    assigned_to: "",
    suggestion: { "zh-CN": "", en: "" },
    resolution: null,
    citation: "",
    viewpoint: null,
    comments_count: 0,
    has_snapshot: false,
    run_id: null,
    created: "2026-01-01T00:00:00Z",
    updated: "2026-01-01T00:00:00Z",
    version: 1,
    ...change,
  };
}

test("closed issues are not listed unless they are asked for", () => {
  const resolved = issue({ status: "resolved" });
  expect(matches(resolved, UNFILTERED)).toBe(false);
  expect(matches(resolved, { ...UNFILTERED, status: "all" })).toBe(true);
  expect(matches(resolved, { ...UNFILTERED, status: "resolved" })).toBe(true);
});

test("a reopened or not rechecked issue counts as open", () => {
  expect(matches(issue({ status: "reopened" }), UNFILTERED)).toBe(true);
  expect(matches(issue({ status: "not_rechecked" }), UNFILTERED)).toBe(true);
});

test.each([
  ["送风管", true],
  ["beam DUCT", true],
  ["0lvqdbbcr0jw3opqg5$ABC", true],
  ["#1", true],
  ["sa-1 3f", true],
  ["水管", false],
])("the words %s are looked for everywhere, in any case: %s", (text, found) => {
  expect(matches(issue({}), { ...UNFILTERED, text })).toBe(found);
});

test("storey, kind, model, person and severity narrow the list", () => {
  const one = issue({ assigned_to: "site" });
  expect(matches(one, { ...UNFILTERED, storey: "4F" })).toBe(false);
  expect(matches(one, { ...UNFILTERED, kind: "gis" })).toBe(false);
  expect(matches(one, { ...UNFILTERED, model: "structure" })).toBe(false);
  expect(matches(one, { ...UNFILTERED, model: "mep" })).toBe(true);
  expect(matches(one, { ...UNFILTERED, assigned: "other" })).toBe(false);
  expect(matches(one, { ...UNFILTERED, severity: 60 })).toBe(false);
  expect(narrowing({ ...UNFILTERED, model: "mep", severity: 60, text: "x" })).toBe(2);
});

test("the most severe come first; equal ones by number", () => {
  const issues = [
    issue({ id: "a", number: 3, severity: 10 }),
    issue({ id: "b", number: 2, severity: 90 }),
    issue({ id: "c", number: 1, severity: 90 }),
  ];
  expect(listed(issues, UNFILTERED).map((i) => i.id)).toEqual(["c", "b", "a"]);
});

test("an issue on several storeys is found on each of them", () => {
  const at = (storey: string) => {
    const model = issue({ storey });
    const elements = model.elements.map((e) => ({ ...e, storey: "4F" }));
    return { ...model, elements };
  };
  expect(storeysOf(at("2F / 3F"))).toEqual(["2F", "3F"]);
  expect(storeysOf(at("1F … 5F"))).toEqual(["1F", "5F", "4F"]);
  expect(storeysOf(at(""))).toEqual([]);
  expect(matches(at("2F / 3F"), { ...UNFILTERED, storey: "3F" })).toBe(true);
  expect(matches(at("1F … 5F"), { ...UNFILTERED, storey: "4F" })).toBe(true);
  expect(matches(at("2F / 3F"), { ...UNFILTERED, storey: "4F" })).toBe(false);
});

test("storeys are ordered as people count them", () => {
  const issues = ["10F", "2F", "B1"].map((storey) => issue({ id: storey, storey }));
  const order = listed(issues, { ...UNFILTERED, sort: "storey" }).map((i) => i.storey);
  expect(order).toEqual(["2F", "10F", "B1"]);
});
