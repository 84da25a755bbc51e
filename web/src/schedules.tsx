/** Construction schedules of the project: what the rehearsal goes by. */
import { useEffect, useState } from "preact/hooks";
import { pages, sendForm } from "./api";
import { ago, bytes } from "./format";
import { t } from "./i18n";
import { LinksOfTasks } from "./links";
import type { ProjectStore } from "./project";
import { attempt, go, may } from "./session";
import {
  concerns,
  Download,
  FileRevisions,
  FileTag,
  RemoveDialog,
  Standing,
  Unchecked,
} from "./storedfiles";
import type { Layer } from "./types";
import { Button } from "./ui";
import { DropZone, queueOf, stem, UploadList, UploadQueue } from "./uploads";

export function Schedules({ store }: { store: ProjectStore }) {
  const uploads = may(store.project.value?.role, "upload");
  const [plans, setPlans] = useState<Layer[] | null>(null);
  const [removing, setRemoving] = useState<Layer | null>(null);
  const load = async () => {
    const all = await attempt(() => pages<Layer>(store.path("/schedules?limit=200")));
    if (all) setPlans(all);
  };
  const queue = queueOf(
    `schedules/${store.id}`,
    () =>
      new UploadQueue(
        (file, report) => {
          const form = new FormData();
          form.append("name", stem(file.name));
          form.append("file", file);
          return sendForm(store.path("/schedules"), form, report);
        },
        () => store.loadRuns(),
      ),
  );
  const sent = queue.items.value.filter((upload) => upload.state === "sent").length;
  const run = store.runs.value?.[0];
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was sent, and what a review said of it.
  useEffect(() => {
    load();
  }, [store, sent, run?.id, run?.state]);
  return (
    <section class="schedules" id="schedules">
      <header class="content-head">
        <h2>{t("schedules.title")}</h2>
        <p class="muted">{t("schedules.text")}</p>
      </header>
      {uploads && (
        <DropZone
          title={t("schedules.drop")}
          text={t("schedules.drop.text")}
          accept=".xml,.xer,.csv,.txt,.xlsx,.ifc"
          onFiles={(files) => queue.add(files)}
        />
      )}
      <UploadList queue={queue} store={store} />
      <ul class="cards">
        {plans?.map((plan) => (
          <li key={plan.id} class="card row layer-card" data-schedule={plan.name}>
            <div>
              <h2>{plan.name}</h2>
              <p class="muted">
                {[
                  t("models.revision", { n: plan.revision }),
                  plan.filename,
                  bytes(plan.size_bytes),
                  ago(plan.created),
                ].join(" · ")}
              </p>
            </div>
            <FileTag state={plan.state} />
            <Button
              look="quiet"
              icon="timeline"
              title={t("area.timeline")}
              aria-label={t("area.timeline")}
              onClick={() => go({ area: "timeline", issue: null })}
            />
            <Download store={store} kind="schedules" file={plan} />
            {uploads && (
              <Button
                look="quiet"
                icon="close"
                aria-label={t("schedules.remove", { name: plan.name })}
                onClick={() => setRemoving(plan)}
              />
            )}
            <Standing file={plan} />
            <Unchecked entries={unchecked(store, plan)} />
            <FileRevisions store={store} kind="schedules" file={plan} />
          </li>
        ))}
      </ul>
      <LinksOfTasks store={store} />
      {removing && (
        <RemoveDialog
          path={store.path(`/schedules/${removing.id}`)}
          title={t("schedules.remove", { name: removing.name })}
          text={t("schedules.remove.text")}
          onClose={() => setRemoving(null)}
          onDone={load}
        />
      )}
    </section>
  );
}

/** What the last review did not rehearse of a plan. */
function unchecked(store: ProjectStore, plan: Layer) {
  return (store.notAssessed.value ?? []).filter(
    (e) => concerns(e, plan.name) || e.what.includes(` ${plan.name} `),
  );
}
