/** What is known of one project, kept fresh by the events of the service. */
import { batch, computed, signal } from "@preact/signals";
import { ApiError, api, pages } from "./api";
import { type Filters, listed, UNFILTERED } from "./filters";
import { t } from "./i18n";
import { Outbox } from "./outbox";
import { attempt, may, notify, place } from "./session";
import type {
  Comment,
  Issue,
  Job,
  Layer,
  Member,
  Model,
  NotAssessed,
  Project,
  Revision,
  Run,
  Status,
  TimelineDocument,
} from "./types";

type Loading = "idle" | "loading" | "ready" | "failed";

interface JobEvent {
  id: string;
  state?: string;
  progress?: number;
}

export class ProjectStore {
  readonly project = signal<Project | null>(null);
  /** No such project, or not ours: the service does not tell which. */
  readonly missing = signal(false);
  readonly issues = signal<Issue[]>([]);
  readonly issuesTotal = signal(0);
  readonly issuesState = signal<Loading>("idle");
  readonly filters = signal<Filters>(UNFILTERED);
  readonly models = signal<Model[] | null>(null);
  readonly layers = signal<Layer[] | null>(null);
  readonly runs = signal<Run[] | null>(null);
  readonly members = signal<Member[] | null>(null);
  readonly notAssessed = signal<NotAssessed[] | null>(null);
  readonly jobs = signal<Record<string, Job>>({});
  /** Grows when a run has been published: the scene is to be loaded again. */
  readonly sceneVersion = signal(0);
  /** The plan of the newest review, loaded when it is first asked for. */
  readonly timeline = signal<TimelineDocument | null>(null);
  readonly timelineState = signal<Loading | "none">("idle");
  readonly live = signal(true);
  readonly outbox: Outbox;

  readonly shown = computed(() => listed(this.issues.value, this.filters.value));
  readonly selected = computed(
    () => this.issues.value.find((i) => i.id === place.value.issue) ?? null,
  );

  readonly latestRun = computed(() => this.runs.value?.find((run) => run.state === "done") ?? null);

  private events: EventSource | null = null;
  private readonly aborter = new AbortController();
  private readonly timers = new Map<string, number>();
  private loadingIssues = 0;
  private timelineOf = -1;

  constructor(readonly id: string) {
    this.outbox = new Outbox(id, (issue) => this.refreshIssue(issue));
  }

  path(rest = ""): string {
    return `/projects/${encodeURIComponent(this.id)}${rest}`;
  }

  async open(): Promise<void> {
    await this.loadProject();
    if (this.missing.value) return;
    this.listen();
    const assigns = may(this.project.value?.role, "coordinate");
    await Promise.all([
      this.loadIssues(),
      this.loadModels(),
      this.loadRuns(),
      assigns && this.loadMembers(),
    ]);
  }

  close(): void {
    this.aborter.abort();
    this.events?.close();
    this.outbox.close();
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  async loadProject(): Promise<void> {
    try {
      this.project.value = await api.get<Project>(this.path());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) this.missing.value = true;
      else if (error.status !== 401) notify(error);
    }
  }

  /** All issues, page by page; what has come is shown while the rest is on its way. */
  async loadIssues(): Promise<void> {
    this.loadingIssues += 1;
    const mine = this.loadingIssues;
    if (this.issuesState.value !== "ready") this.issuesState.value = "loading";
    const fresh = this.issues.value.length === 0;
    try {
      const all = await pages<Issue>(
        this.path("/issues?sort=severity&limit=200"),
        (items, total) => {
          if (mine !== this.loadingIssues) return;
          batch(() => {
            if (fresh) this.issues.value = [...items];
            this.issuesTotal.value = total;
          });
        },
        this.aborter.signal,
      );
      if (mine !== this.loadingIssues) return;
      batch(() => {
        this.issues.value = all;
        this.issuesTotal.value = all.length;
        this.issuesState.value = "ready";
      });
    } catch (error) {
      if (error instanceof DOMException) return;
      if (!(error instanceof ApiError)) throw error;
      if (this.issuesState.value !== "ready") this.issuesState.value = "failed";
      if (error.status !== 401) notify(error);
    }
  }

  /** The issue `step` places further in the list as it is filtered. */
  neighbour(step: number): Issue | undefined {
    const list = this.shown.value;
    const at = list.findIndex((i) => i.id === place.value.issue);
    if (at < 0) return step > 0 ? list[0] : undefined;
    return list[at + step];
  }

  /** Read one issue anew and put it in its place in the list. */
  async refreshIssue(id: string): Promise<string> {
    const { data, etag } = await api.read<Issue>(this.path(`/issues/${id}`));
    this.adopt(data);
    return etag;
  }

  adopt(issue: Issue): void {
    const known = this.issues.value.some((i) => i.id === issue.id);
    this.issues.value = known
      ? this.issues.value.map((i) => (i.id === issue.id ? issue : i))
      : [...this.issues.value, issue];
  }

  async loadModels(): Promise<void> {
    const all = await attempt(() => pages<Model>(this.path("/models?limit=200")));
    if (all) this.models.value = all;
  }

  async loadLayers(): Promise<void> {
    const all = await attempt(() => pages<Layer>(this.path("/layers?limit=200")));
    if (all) this.layers.value = all;
  }

  /** Who may be assigned; only some roles may ask, for the others it stays unknown. */
  async loadMembers(): Promise<void> {
    const answer = await attempt(() => api.get<{ items: Member[] }>(this.path("/members")));
    if (answer) this.members.value = answer.items;
  }

  async loadRuns(): Promise<void> {
    const all = await attempt(() => pages<Run>(this.path("/runs?limit=200")));
    if (!all) return;
    this.runs.value = all;
    const done = this.latestRun.value;
    if (!done) return;
    const list = await attempt(() =>
      api.get<{ items: NotAssessed[] }>(this.path(`/runs/${done.id}/not-assessed`)),
    );
    if (list) this.notAssessed.value = list.items;
  }

  /** Load the plan of this version of the scene, unless it is here or on its way. */
  async loadTimeline(again = false): Promise<void> {
    const version = this.sceneVersion.peek();
    if (this.timelineOf === version && !again) return;
    this.timelineOf = version;
    this.timelineState.value = "loading";
    try {
      const found = await api.get<TimelineDocument>(this.path("/timeline"), this.aborter.signal);
      if (this.timelineOf !== version) return;
      batch(() => {
        this.timeline.value = found;
        this.timelineState.value = "ready";
      });
    } catch (error) {
      if (error instanceof DOMException || this.timelineOf !== version) return;
      if (!(error instanceof ApiError)) throw error;
      batch(() => {
        this.timeline.value = null;
        this.timelineState.value = error.status === 404 ? "none" : "failed";
      });
      if (error.status !== 404 && error.status !== 401) notify(error);
    }
  }

  revisions(model: string): Promise<Revision[]> {
    return pages<Revision>(this.path(`/models/${model}/revisions?limit=200`));
  }

  // What people do to an issue -------------------------------------------------------------

  /** Change an issue that is still as the user saw it; else reload it and say so. */
  async change(issue: Issue, change: { status?: Status; assigned_to?: string }): Promise<boolean> {
    try {
      const etag = `"${issue.version}"`;
      const reply = await api.patch<Issue>(this.path(`/issues/${issue.id}`), change, etag);
      this.adopt(reply.data);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 0) {
        this.outbox.add({ kind: "change", issue: issue.id, version: issue.version, change });
        notify(t("outbox.kept"));
        return true;
      }
      if (error.status === 412) {
        await attempt(() => this.refreshIssue(issue.id));
        notify(t("issue.changed_meanwhile"), "bad");
        return false;
      }
      if (error.status !== 401) notify(error);
      return false;
    }
  }

  /** True when the comment is stored or safely waiting for the network. */
  async comment(issue: string, text: string): Promise<boolean> {
    try {
      await api.post<Comment>(this.path(`/issues/${issue}/comments`), { text });
      await attempt(() => this.refreshIssue(issue));
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 0) {
        this.outbox.add({ kind: "comment", issue, text });
        notify(t("outbox.kept"));
        return true;
      }
      if (error.status !== 401) notify(error);
      return false;
    }
  }

  // Events ---------------------------------------------------------------------------------

  private listen(): void {
    const source = new EventSource(`/api/v1${this.path("/events")}`);
    this.events = source;
    let dropped = false;
    source.onopen = () => {
      this.live.value = true;
      // What happened while nobody listened is not sent again.
      if (dropped) this.refreshAll();
      dropped = false;
      this.outbox.flush();
    };
    source.onerror = () => {
      dropped = true;
      this.live.value = false;
      if (source.readyState === EventSource.CLOSED) this.later("listen", 5000, () => this.listen());
    };
    const on = (name: string, handle: (data: JobEvent) => void) =>
      source.addEventListener(name, (event) => handle(JSON.parse((event as MessageEvent).data)));
    on("job", (job) => this.heardJob(job));
    on("revision", () => this.later("models", 150, () => this.loadModels()));
    on("run", (run) => this.heardRun(run));
    on("issue", () => this.later("issues", 300, () => this.loadIssues()));
  }

  private heardJob(job: JobEvent): void {
    const before = this.jobs.value[job.id];
    this.jobs.value = { ...this.jobs.value, [job.id]: { ...before, ...job } as Job };
  }

  private heardRun(run: JobEvent): void {
    this.later("runs", 150, () => this.loadRuns());
    // A review starts with a new revision of a layer, and ends knowing which were of use.
    if (this.layers.value) this.later("layers", 150, () => this.loadLayers());
    if (run.state !== "done") return;
    this.later("issues", 150, () => this.loadIssues());
    this.later("project", 150, () => this.loadProject());
    this.sceneVersion.value += 1;
  }

  refreshAll(): void {
    this.later("issues", 0, () => this.loadIssues());
    this.later("models", 0, () => this.loadModels());
    this.later("runs", 0, () => this.loadRuns());
    if (this.layers.value) this.later("layers", 0, () => this.loadLayers());
  }

  /** Do it once, soon, however often it is asked for. */
  private later(name: string, wait: number, work: () => unknown): void {
    clearTimeout(this.timers.get(name));
    this.timers.set(name, window.setTimeout(work, wait));
  }
}
