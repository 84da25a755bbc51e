/** Which issues are listed, and in which order. */
import type { Issue, Status } from "./types";

export const OPEN: readonly Status[] = ["new", "reopened", "active", "reviewed", "not_rechecked"];
export const STATUSES: readonly Status[] = [
  "new",
  "reopened",
  "active",
  "reviewed",
  "not_rechecked",
  "approved",
  "resolved",
];
export const SORTS = ["severity", "updated", "created", "storey", "number"] as const;
export type Sort = (typeof SORTS)[number];

export interface Filters {
  text: string;
  /** "open", "all" or one status. */
  status: string;
  severity: number;
  storey: string;
  kind: string;
  /** Name of a model. */
  model: string;
  assigned: string;
  sort: Sort;
}

export const UNFILTERED: Filters = {
  text: "",
  status: "open",
  severity: 0,
  storey: "",
  kind: "",
  model: "",
  assigned: "",
  sort: "severity",
};

/** Everything of an issue that a word may be looked for in, in lower case. */
function haystack(issue: Issue): string {
  const words = [
    `#${issue.number}`,
    issue.title["zh-CN"],
    issue.title.en,
    issue.description["zh-CN"],
    issue.description.en,
    issue.rule,
    issue.storey,
    issue.assigned_to,
  ];
  for (const e of issue.elements)
    words.push(e.name, e.guid, e.ifc_class, e.type, e.system, e.model);
  return words.join("\n").toLowerCase();
}

/**
 * The storeys an issue is on, one by one: of several it names up to three ("2F / 3F"), of more the
 * first and the last ("1F … 5F"), and its elements know those between.
 */
export function storeysOf(issue: Issue): string[] {
  const named = issue.storey.split(/ [/…] /);
  const between = issue.storey.includes(" … ") ? issue.elements.map((e) => e.storey) : [];
  return [...new Set([...named, ...between])].filter(Boolean);
}

export function matches(issue: Issue, filters: Filters): boolean {
  const { status } = filters;
  if (
    status === "open" ? !OPEN.includes(issue.status) : status !== "all" && issue.status !== status
  )
    return false;
  if (issue.severity < filters.severity) return false;
  if (filters.storey && !storeysOf(issue).includes(filters.storey)) return false;
  if (filters.kind && issue.kind !== filters.kind) return false;
  if (filters.assigned && issue.assigned_to !== filters.assigned) return false;
  if (filters.model && !issue.elements.some((e) => e.model === filters.model)) return false;
  const words = filters.text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = haystack(issue);
  return words.every((word) => text.includes(word));
}

const ORDER: Record<Sort, (a: Issue, b: Issue) => number> = {
  severity: (a, b) => b.severity - a.severity,
  updated: (a, b) => b.updated.localeCompare(a.updated),
  created: (a, b) => b.created.localeCompare(a.created),
  storey: (a, b) => a.storey.localeCompare(b.storey, "zh-CN", { numeric: true }),
  number: () => 0,
};

export function listed(issues: readonly Issue[], filters: Filters): Issue[] {
  const order = ORDER[filters.sort];
  return issues
    .filter((issue) => matches(issue, filters))
    .sort((a, b) => order(a, b) || b.severity - a.severity || a.number - b.number);
}

/** How many filters narrow the list; text and order are in plain sight and do not count. */
export function narrowing(filters: Filters): number {
  const keys = ["status", "severity", "storey", "kind", "model", "assigned"] as const;
  return keys.filter((key) => filters[key] !== UNFILTERED[key]).length;
}
