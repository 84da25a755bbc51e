/** Models: sending them, and what the service found out about each. */
import { useEffect, useState } from "preact/hooks";
import { api, url } from "./api";
import { ago, bytes, count, dateTime } from "./format";
import { pick, t, word } from "./i18n";
import { PlaceModel } from "./placement";
import type { ProjectStore } from "./project";
import { attempt, may } from "./session";
import { RemoveDialog } from "./storedfiles";
import type { Finding, Model, Revision } from "./types";
import { Button, Empty, Icon, Progress, Severity, Skeleton } from "./ui";
import { DropZone, modelQueue, ProblemBox, stageOf, UploadList } from "./uploads";

export function Models({ store }: { store: ProjectStore }) {
  const uploads = may(store.project.value?.role, "upload");
  const queue = modelQueue(store);
  const models = store.models.value;
  return (
    <>
      <header class="content-head">
        <h1>{t("area.models")}</h1>
        <p class="muted">{t("models.text")}</p>
      </header>
      {uploads && (
        <DropZone
          title={t("models.drop")}
          text={t("models.drop.text")}
          accept=".ifc,.ifczip"
          onFiles={(files) => queue.add(files)}
        />
      )}
      <UploadList queue={queue} store={store} />
      {models === null && <Skeleton rows={3} />}
      {models?.length === 0 && (
        <Empty
          icon="model"
          title={t("models.none")}
          text={t(uploads ? "models.none.upload" : "models.none.wait")}
        />
      )}
      <ul class="cards">
        {models?.map((model) => (
          <ModelCard key={model.id} store={store} model={model} />
        ))}
      </ul>
    </>
  );
}

function ModelCard({ store, model }: { store: ProjectStore; model: Model }) {
  const revision = model.latest?.revision;
  const [placing, setPlacing] = useState(false);
  const [removing, setRemoving] = useState(false);
  const places = may(store.project.value?.role, "coordinate") && revision?.state === "ready";
  return (
    <li class="card model" data-model={model.name}>
      <header>
        <div>
          <h2>{model.name}</h2>
          <p class="muted">
            {[
              model.discipline && word("discipline", model.discipline),
              revision && t("models.revision", { n: revision.number }),
              revision?.schema,
              revision && bytes(revision.size_bytes),
              revision && ago(revision.created),
            ]
              .filter(Boolean)
              .join(" · ")}
          </p>
        </div>
        {revision && <StateTag revision={revision} />}
      </header>
      {model.placement && (
        <p class="placed">
          <Icon name="pin" /> {t("models.placed", { crs: model.placement.crs ?? "" })}
        </p>
      )}
      {revision && (
        <RevisionBody store={store} revision={revision} placed={model.placement !== null} />
      )}
      {placing && <PlaceModel store={store} model={model} onClose={() => setPlacing(false)} />}
      {places && (
        <Button look="quiet" icon="pin" onClick={() => setPlacing(true)}>
          {t(
            model.placement
              ? "placement.change"
              : revision?.georeference?.repairable
                ? "placement.repair"
                : "placement.open",
          )}
        </Button>
      )}
      <Revisions store={store} model={model} />
      {may(store.project.value?.role, "administer") && (
        <Button look="quiet" icon="close" onClick={() => setRemoving(true)}>
          {t("models.remove")}
        </Button>
      )}
      {removing && (
        <RemoveDialog
          path={store.path(`/models/${model.id}`)}
          title={t("models.remove.title", { name: model.name })}
          text={t("models.remove.text")}
          onClose={() => setRemoving(false)}
          onDone={() => store.loadModels()}
        />
      )}
    </li>
  );
}

function StateTag({ revision }: { revision: Revision }) {
  return (
    <span class={`tag ${revision.state}`} data-state={revision.state}>
      {word("revision", revision.state)}
    </span>
  );
}

function RevisionBody(props: { store: ProjectStore; revision: Revision; placed: boolean }) {
  const { store, revision } = props;
  const job = revision.job_id ? store.jobs.value[revision.job_id] : undefined;
  const working = revision.state === "queued" || revision.state === "processing";
  return (
    <>
      {working && (
        <div class="working">
          <Progress share={job?.progress ?? 0} />
          <p class="muted">{job ? stageOf(job) : word("revision", revision.state)}</p>
        </div>
      )}
      {revision.problem && <ProblemBox problem={revision.problem} />}
      {revision.state === "ready" && (
        <>
          <dl class="numbers">
            <div>
              <dt>{t("models.elements")}</dt>
              <dd>{count(revision.counts.elements ?? 0)}</dd>
            </div>
            <div>
              <dt>{t("models.bodies")}</dt>
              <dd>{count(revision.counts.bodies ?? 0)}</dd>
            </div>
            <div>
              <dt>{t("models.triangles")}</dt>
              <dd>{count(revision.counts.triangles ?? 0)}</dd>
            </div>
          </dl>
          <Place revision={revision} placed={props.placed} />
        </>
      )}
      <Findings store={store} revision={revision} />
      <a
        class="button quiet"
        href={url(store.path(`/revisions/${revision.id}/file`))}
        download={revision.filename}
      >
        <Icon name="download" />
        <span>{t("models.original", { name: revision.filename })}</span>
      </a>
    </>
  );
}

/** What is thought of the place in the file, and why; a place set by hand overrules it. */
function Place({ revision, placed }: { revision: Revision; placed: boolean }) {
  const place = revision.georeference;
  if (!place) return null;
  // `repairable:scale-missing` is of the family `repairable`.
  const family = placed ? "overruled" : place.verdict.split(":")[0];
  const worded = word("verdict", place.verdict);
  return (
    <details class={`place ${family}`}>
      <summary>
        <Icon name="pin" />
        <span>
          <b>{placed ? t("models.in_file", { verdict: worded }) : worded}</b>
          {place.crs && <> · {place.crs}</>}
          {place.level != null && <> · {t("models.level", { n: place.level })}</>}
        </span>
      </summary>
      <ul>
        {place.evidence?.map((e) => (
          <li key={`${e.code}${e.en}`}>{pick(e.zh, e.en)}</li>
        ))}
      </ul>
      <p class="muted">
        {t("models.verdict")} <code>{place.verdict}</code>
      </p>
    </details>
  );
}

function Findings({ store, revision }: { store: ProjectStore; revision: Revision }) {
  const [open, setOpen] = useState(false);
  const [items, setItems] = useState<Finding[] | null>(null);
  useEffect(() => {
    if (!open) return;
    attempt(() =>
      api.get<{ items: Finding[] }>(store.path(`/revisions/${revision.id}/findings`)),
    ).then((a) => a && setItems(a.items));
  }, [store, revision.id, open]);
  if (revision.findings_count === 0) return null;
  return (
    <details class="findings" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t("models.findings", { n: revision.findings_count })}</summary>
      {open && items === null && <Skeleton rows={2} />}
      <ul>
        {items?.map((f) => (
          <li key={`${f.code}${f.message_en}`}>
            <p>
              <Severity value={f.severity} /> {pick(f.message, f.message_en)} <code>{f.code}</code>
            </p>
            <p class="muted">{pick(f.remedy, f.remedy_en)}</p>
            {f.elements.length > 0 && (
              <p class="guids">
                {f.elements.slice(0, 8).map((guid) => (
                  <code key={guid}>{guid}</code>
                ))}
                {f.elements.length > 8 && (
                  <span>{t("models.and_more", { n: f.elements.length - 8 })}</span>
                )}
              </p>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Revisions({ store, model }: { store: ProjectStore; model: Model }) {
  const [open, setOpen] = useState(false);
  const [items, setItems] = useState<Revision[] | null>(null);
  const latest = model.latest?.revision.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision makes the list longer.
  useEffect(() => {
    if (open) attempt(() => store.revisions(model.id)).then((a) => a && setItems(a));
  }, [store, model.id, latest, open]);
  if ((model.latest?.revision.number ?? 0) < 2) return null;
  return (
    <details class="revisions" onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{t("models.revisions", { n: model.latest?.revision.number ?? 0 })}</summary>
      <table>
        <tbody>
          {items?.map((r) => (
            <tr key={r.id}>
              <td>{t("models.revision", { n: r.number })}</td>
              <td>
                <StateTag revision={r} />
              </td>
              <td>
                {dateTime(r.created)}
                <br />
                <span class="muted">
                  {[r.author, bytes(r.size_bytes)].filter(Boolean).join(" · ")}
                </span>
              </td>
              <td>
                <a
                  class="button quiet bare"
                  href={url(store.path(`/revisions/${r.id}/file`))}
                  download={r.filename}
                  aria-label={t("models.original", { name: r.filename })}
                >
                  <Icon name="download" />
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
