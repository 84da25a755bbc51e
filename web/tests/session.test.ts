import { expect, test } from "vitest";
import { hashOf, may, parsePlace } from "../src/session";

test.each([
  ["", { project: null, area: "issues", issue: null }],
  ["#/p/p1", { project: "p1", area: "issues", issue: null }],
  ["#/p/p1/view/i9", { project: "p1", area: "view", issue: "i9" }],
  ["#/p/100%/runs", { project: "100%", area: "runs", issue: null }],
  ["#/p/p1/nonsense", { project: "p1", area: "issues", issue: null }],
] as const)("the address %s is a place", (hash, place) => expect(parsePlace(hash)).toEqual(place));

test("a place survives its address", () => {
  const place = { project: "a/b c", area: "runs", issue: null } as const;
  expect(parsePlace(hashOf(place))).toEqual(place);
});

test("the site sets status and uploads nothing; the design team the other way round", () => {
  expect([may("site", "status"), may("site", "upload")]).toEqual([true, false]);
  expect([may("design", "status"), may("design", "upload")]).toEqual([false, true]);
  expect([may("coordinator", "coordinate"), may("coordinator", "administer")]).toEqual([
    true,
    false,
  ]);
  expect(may(undefined, "upload")).toBe(false);
});
