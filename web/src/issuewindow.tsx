/** When an issue matters by the plan: its time in words and on a small bar. */
import { useEffect } from "preact/hooks";
import { planDate } from "./format";
import { t } from "./i18n";
import type { ProjectStore } from "./project";
import { go } from "./session";
import { DAY, dayOf, minutesOf } from "./timeline";
import type { Issue } from "./types";
import { Button } from "./ui";

/** The days of a half-open time, the last one included. */
export function windowWords(from: number, to: number): string {
  const last = dayOf(Math.max(from, to - 1));
  const days = (last - dayOf(from)) / DAY + 1;
  const first = planDate(from, "day");
  const words = days === 1 ? first : `${first} – ${planDate(last, "day")}`;
  return `${words} · ${t("window.days", { n: days })}`;
}

export function IssueWindow({ store, issue }: { store: ProjectStore; issue: Issue }) {
  const from = minutesOf(issue.window?.[0]);
  const to = minutesOf(issue.window?.[1]);
  const known = from <= to;
  useEffect(() => {
    if (known) store.loadTimeline();
  }, [store, known]);
  if (!known) return null;
  const plan = store.timeline.value;
  const clash = issue.kind === "clash";
  const days = plan?.clashes.find((c) => c.issue === issue.id)?.days_to_decide;
  return (
    <section class="issue-window" data-window={issue.id}>
      <h2>{t(clash ? "window.clash" : "window.risk")}</h2>
      <p>
        <b>{windowWords(from, to)}</b>
      </p>
      {typeof days === "number" && (
        <p class={days > 14 ? "muted" : "window-soon"}>
          {days > 0 ? t("window.decide", { n: days }) : t("window.late")}
        </p>
      )}
      {plan && (
        <WindowBar
          from={from}
          to={to}
          start={minutesOf(plan.schedule.start)}
          finish={minutesOf(plan.schedule.finish)}
        />
      )}
      <Button icon="timeline" onClick={() => go({ area: "timeline" })}>
        {t("window.open")}
      </Button>
    </section>
  );
}

function WindowBar(props: { from: number; to: number; start: number; finish: number }) {
  const { start, finish } = props;
  if (!(finish > start)) return null;
  const share = (at: number) =>
    (100 * Math.min(Math.max(at - start, 0), finish - start)) / (finish - start);
  const left = Math.min(share(props.from), 98.5);
  return (
    <div class="window-bar" aria-hidden="true">
      <i style={{ left: `${left}%`, width: `${Math.max(1.5, share(props.to) - left)}%` }} />
      <span>{planDate(start, "day")}</span>
      <span>{planDate(finish, "day")}</span>
    </div>
  );
}
