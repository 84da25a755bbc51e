/** Who is signed in, where in the app they are, and short notices to them. */
import { computed, signal } from "@preact/signals";
import { ApiError, api, whenUnauthorized } from "./api";
import type { Role, User } from "./types";

/** null: nobody; undefined: not known yet. */
export const user = signal<User | null | undefined>(undefined);

whenUnauthorized(() => {
  user.value = null;
});

export async function resume(): Promise<void> {
  try {
    user.value = (await api.get<{ user: User }>("/auth/me")).user;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    user.value = null;
    if (error.status !== 401) notify(error);
  }
}

export async function signIn(name: string, password: string): Promise<void> {
  const answer = await api.post<{ user: User }>("/auth/login", { name, password });
  user.value = answer.user;
}

export async function signOut(): Promise<void> {
  await api.post("/auth/logout");
  user.value = null;
  location.hash = "";
}

// Places -----------------------------------------------------------------------------------

export const AREAS = [
  "issues",
  "view",
  "timeline",
  "map",
  "models",
  "layers",
  "runs",
  "members",
] as const;
export type Area = (typeof AREAS)[number];

export interface Place {
  project: string | null;
  area: Area;
  issue: string | null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a broken escape is a wrong address, not the end of the page
  }
}

/** `#/p/<project>/<area>/<issue>`; everything else is the list of projects. */
export function parsePlace(hash: string): Place {
  const [head, project, area, issue] = hash
    .replace(/^#?\/?/, "")
    .split("/")
    .map(decoded);
  if (head !== "p" || !project) return { project: null, area: "issues", issue: null };
  const known = AREAS.find((a) => a === area) ?? "issues";
  return { project, area: known, issue: issue || null };
}

export function hashOf(place: Place): string {
  if (!place.project) return "#/";
  const parts = ["p", place.project, place.area, ...(place.issue ? [place.issue] : [])];
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

const hash = signal(location.hash);
window.addEventListener("hashchange", () => {
  hash.value = location.hash;
});

export const place = computed(() => parsePlace(hash.value));

/** Go to a place; `replace` leaves no step in the history of the browser. */
export function go(to: Partial<Place>, replace = false): void {
  const next = hashOf({ ...place.value, ...to });
  if (next === location.hash) return;
  if (replace) history.replaceState(null, "", next);
  else history.pushState(null, "", next);
  hash.value = next;
}

window.addEventListener("popstate", () => {
  hash.value = location.hash;
});

// What a role may do -----------------------------------------------------------------------

const ABLE = {
  upload: ["design", "coordinator", "admin"],
  status: ["site", "coordinator", "admin"],
  coordinate: ["coordinator", "admin"],
  administer: ["admin"],
} as const satisfies Record<string, readonly Role[]>;

export function may(role: Role | undefined, what: keyof typeof ABLE): boolean {
  const roles: readonly Role[] = ABLE[what];
  return role !== undefined && roles.includes(role);
}

// Notices ----------------------------------------------------------------------------------

export interface Notice {
  id: number;
  tone: "info" | "good" | "bad";
  text: string;
  remedy: string;
  code: string;
}

export const notices = signal<Notice[]>([]);
let noticeCount = 0;

/** Tell the user; an error stays until it is closed, the rest goes by itself. */
export function notify(what: ApiError | string, tone: Notice["tone"] = "info"): void {
  const failed = what instanceof ApiError;
  noticeCount += 1;
  const notice: Notice = {
    id: noticeCount,
    tone: failed ? "bad" : tone,
    text: failed ? what.text : what,
    remedy: failed ? what.remedy : "",
    code: failed && what.status !== 0 ? what.code : "",
  };
  notices.value = [...notices.value.slice(-3), notice];
  if (notice.tone !== "bad") setTimeout(() => dismiss(notice.id), 5000);
}

export function dismiss(id: number): void {
  notices.value = notices.value.filter((n) => n.id !== id);
}

/** Run `work`; a refusal becomes a notice and the answer is undefined. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status !== 401) notify(error);
    return undefined;
  }
}
