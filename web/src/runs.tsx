/** Runs: what was checked, what was not, and the files to take away. */
import { api, url } from "./api";
import { count, dateTime, duration } from "./format";
import { pick, t, word } from "./i18n";
import type { ProjectStore } from "./project";
import { Rules } from "./rules";
import { attempt, may, notify } from "./session";
import type { Run } from "./types";
import { Button, Empty, Icon, type IconName, Progress, Skeleton } from "./ui";
import { ProblemBox, stageOf } from "./uploads";

export function Runs({ store }: { store: ProjectStore }) {
  const runs = store.runs.value;
  const latest = store.latestRun.value;
  const busy = runs?.some((run) => run.state === "queued" || run.state === "running");
  const start = async () => {
    const made = await attempt(() => api.post(store.path("/runs")));
    if (!made) return;
    notify(t("runs.started"), "good");
    await store.loadRuns();
  };
  return (
    <>
      <header class="content-head">
        <h1>{t("area.runs")}</h1>
        {may(store.project.value?.role, "coordinate") && (
          <Button look="primary" icon="run" disabled={busy} onClick={start}>
            {t(busy ? "runs.busy" : "runs.start")}
          </Button>
        )}
        <p class="muted">{t("runs.text")}</p>
      </header>
      {latest && <Downloads store={store} run={latest} />}
      <NotAssessedList store={store} />
      <Rules store={store} />
      <h2>{t("runs.history")}</h2>
      {runs === null && <Skeleton rows={3} />}
      {runs?.length === 0 && <Empty icon="run" title={t("runs.none")} text={t("runs.none.text")} />}
      <ul class="cards">
        {runs?.map((run) => (
          <RunCard key={run.id} store={store} run={run} />
        ))}
      </ul>
    </>
  );
}

type Download = "report" | "xlsx" | "geojson" | "bcf21" | "bcf30" | "json";
const FILES: { path: string; icon: IconName; key: Download }[] = [
  { path: "report.html", icon: "image", key: "report" },
  { path: "issues.xlsx", icon: "download", key: "xlsx" },
  { path: "issues.geojson", icon: "download", key: "geojson" },
  { path: "issues.bcf?version=2.1", icon: "download", key: "bcf21" },
  { path: "issues.bcf?version=3.0", icon: "download", key: "bcf30" },
  { path: "review.json", icon: "download", key: "json" },
];

function Downloads({ store, run }: { store: ProjectStore; run: Run }) {
  return (
    <section class="downloads" aria-label={t("runs.downloads")}>
      {FILES.map((file) => (
        <a
          key={file.path}
          class="button"
          href={url(store.path(`/runs/${run.id}/${file.path}`))}
          download=""
        >
          <Icon name={file.icon} />
          <span>{t(`runs.download.${file.key}`)}</span>
        </a>
      ))}
    </section>
  );
}

/** What was not tested: silence here would read as "clean". */
function NotAssessedList({ store }: { store: ProjectStore }) {
  const items = store.notAssessed.value;
  if (items === null) return null;
  return (
    <section class="unchecked">
      <h2>
        <Icon name="warning" /> {t("unchecked", { n: items.length })}
      </h2>
      <p>{t(items.length ? "unchecked.text" : "unchecked.none")}</p>
      {items.length > 0 && (
        <dl>
          {items.map((item) => (
            <div key={item.what + item.why}>
              <dt>{pick(item.what, item.what_en ?? "")}</dt>
              <dd>{pick(item.why, item.why_en ?? "")}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

const COUNTS = ["issues", "new", "resolved", "clashes", "suppressed", "findings"] as const;

function RunCard({ store, run }: { store: ProjectStore; run: Run }) {
  const job = run.job_id ? store.jobs.value[run.job_id] : undefined;
  const seconds = Object.values(run.timings).reduce((sum, s) => sum + s, 0);
  const working = run.state === "queued" || run.state === "running";
  return (
    <li class="card run" data-run={run.number} data-state={run.state}>
      <header>
        <div>
          <h3>{t("runs.number", { n: run.number })}</h3>
          <p class="muted">
            {[dateTime(run.created), seconds > 0 && duration(seconds), run.engine]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </div>
        <span class={`tag ${run.state}`}>{word("run", run.state)}</span>
      </header>
      {working && (
        <div class="working">
          <Progress share={job?.progress ?? 0} />
          <p class="muted">{job ? stageOf(job) : word("run", run.state)}</p>
        </div>
      )}
      {run.problem && <ProblemBox problem={run.problem} />}
      {run.state === "done" && (
        <dl class="numbers">
          {COUNTS.filter((key) => run.counts[key] !== undefined).map((key) => (
            <div key={key}>
              <dt>{t(`runs.count.${key}`)}</dt>
              <dd>{count(run.counts[key] ?? 0)}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}
