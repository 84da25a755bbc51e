import { expect, test } from "vitest";
import { keyOf, openGroups, plainChoice, withChoice } from "../src/links";
import type { LinkGroup, Links } from "../src/types";

const group = (pattern: string, values: Partial<LinkGroup> = {}): LinkGroup => ({
  pattern,
  names: [pattern],
  tasks: 2,
  without_elements: 0,
  trade: "structure",
  action: "install",
  kinds: ["column"],
  elements: 8,
  classes: ["IfcColumn"],
  storeys: ["1F"],
  confidence: 0.9,
  ways: ["name"],
  idle: false,
  unclear: [],
  decision: "",
  ...values,
});
const links: Links = {
  choices: [plainChoice("{storey}三板", "not_modelled")],
  found: {
    run_id: "r",
    run_number: 1,
    schedule: "plan",
    coverage: {
      elements: 10,
      elements_linked: 8,
      share: 0.8,
      volume_share: 0.9,
      tasks_without_elements: 1,
      tasks_unsure: 0,
      tasks_catch_all: 0,
      tasks_without_place: 1,
    },
    groups: [
      group("{storey} 三板", { confidence: null, elements: 0 }),
      group("Xyzzy", { confidence: null, elements: 0 }),
      group("{storey} A区 墙", { confidence: 0.4, unclear: ["zone"] }),
      group("竣工验收", { confidence: null, elements: 0, idle: true }),
      group("{storey} 柱"),
    ],
  },
  kinds: [],
  trades: [],
  actions: [],
  version: 3,
};

test("groups without elements and unsure ones wait, decided and idle ones do not", () => {
  expect(openGroups(links).map((g) => g.pattern)).toEqual(["Xyzzy", "{storey} A区 墙"]);
});

test("a choice takes the place of the one for the same name, however it is spaced", () => {
  const next = withChoice(links.choices, "{storey} 三板", plainChoice("{storey} 三板", "nothing"));
  expect(next.map((c) => [keyOf(c.pattern), c.decision])).toEqual([["{storey}三板", "nothing"]]);
  expect(withChoice(next, "{storey}三板", null)).toEqual([]);
});
