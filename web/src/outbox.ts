/** Comments and status changes that wait for the network; kept on this device until sent. */
import { signal } from "@preact/signals";
import { ApiError, api } from "./api";
import { remember, remembered, t } from "./i18n";
import { notify, user } from "./session";
import type { Comment, Status } from "./types";

/** `refused` holds why the service did not take it; such an entry waits for a person. */
export type Waiting = { id: string; since: string; refused?: string } & (
  | { kind: "comment"; issue: string; text: string }
  | {
      kind: "change";
      issue: string;
      version: number;
      change: { status?: Status; assigned_to?: string };
    }
);
type NewEntry = Waiting extends infer W
  ? W extends { id: string }
    ? Omit<W, "id" | "since" | "refused">
    : never
  : never;

const RETRY = 15_000;

export class Outbox {
  readonly waiting = signal<Waiting[]>([]);
  private busy = false;
  private readonly key: string;
  private readonly timer: number;
  private readonly online = () => this.flush();

  constructor(
    private readonly project: string,
    private readonly sent: (issue: string) => Promise<unknown>,
  ) {
    // Two people may share one phone: what one wrote must not go out in the other's name.
    this.key = `yuyan.outbox.${user.value?.id ?? ""}.${project}`;
    this.waiting.value = parseWaiting(remembered(this.key));
    this.timer = window.setInterval(() => this.flush(), RETRY);
    window.addEventListener("online", this.online);
  }

  close(): void {
    clearInterval(this.timer);
    window.removeEventListener("online", this.online);
  }

  add(entry: NewEntry): void {
    const id = `${Date.now()}-${Math.round(performance.now() * 1000)}`;
    this.store([...this.waiting.value, { ...entry, id, since: new Date().toISOString() }]);
  }

  discard(id: string): void {
    this.store(this.waiting.value.filter((w) => w.id !== id));
  }

  /** Try all in order; the first one without an answer ends the round. */
  async flush(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      for (const entry of this.waiting.value.filter((w) => !w.refused)) {
        if (!(await this.deliver(entry))) break;
        await this.sent(entry.issue).catch(ignoreRefusal);
      }
    } finally {
      this.busy = false;
    }
  }

  /** False while the network is silent; what is refused stays, with the reason. */
  private async deliver(entry: Waiting): Promise<boolean> {
    const path = `/projects/${encodeURIComponent(this.project)}/issues/${entry.issue}`;
    try {
      if (entry.kind === "change") await api.patch(path, entry.change, `"${entry.version}"`);
      else if (!(await this.arrived(path, entry)))
        await api.post(`${path}/comments`, { text: entry.text });
      this.discard(entry.id);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 0 || error.status === 401 || error.status >= 500) return false;
      const refused = error.status === 412 ? t("issue.changed_meanwhile") : error.text;
      this.store(this.waiting.value.map((w) => (w.id === entry.id ? { ...w, refused } : w)));
      notify(refused, "bad");
      return true;
    }
  }

  /** Whether the service has the comment although its answer was lost on the way. */
  private async arrived(path: string, entry: Waiting & { kind: "comment" }): Promise<boolean> {
    const { items } = await api.get<{ items: Comment[] }>(`${path}/comments`);
    const since = Date.parse(entry.since) - 120_000;
    return items.some((c) => c.text === entry.text && Date.parse(c.created) >= since);
  }

  private store(waiting: Waiting[]): void {
    this.waiting.value = waiting;
    remember(this.key, JSON.stringify(waiting));
  }
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof ApiError)) throw error;
}

/** What was kept on the device; anything unreadable counts as nothing. */
export function parseWaiting(text: string | null): Waiting[] {
  if (!text) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? (value as Waiting[]) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
