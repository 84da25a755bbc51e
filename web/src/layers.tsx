/** GIS layers: red line, utilities and what else of the map takes part. */
import { useEffect, useState } from "preact/hooks";
import { sendForm } from "./api";
import { ago, bytes, metres } from "./format";
import { t, word } from "./i18n";
import type { ProjectStore } from "./project";
import { may } from "./session";
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
import { Button, Empty, Field, Select, Skeleton } from "./ui";
import { DropZone, queueOf, stem, UploadList, UploadQueue } from "./uploads";

const ROLES = [
  "red_line",
  "setback",
  "utility",
  "terrain",
  "protection_zone",
  "neighbour",
  "power_line",
  "metro",
  "railway",
  "river",
  "height_limit",
  "flood",
  "context",
] as const;
const DEPTH_REFS = ["top", "invert", "centre"] as const;

/** Choices that hold for the files sent next, by the names of the form's fields. */
const NOTHING = {
  role: "",
  crs: "",
  vertical_datum: "",
  datum_offset_m: "",
  accuracy_m: "",
  date: "",
  depth_ref: "",
};
type Options = typeof NOTHING;

const options: { current: Options } = { current: NOTHING };

export function Layers({ store }: { store: ProjectStore }) {
  const uploads = may(store.project.value?.role, "upload");
  const [chosen, setChosen] = useState(options.current);
  options.current = chosen;
  const [removing, setRemoving] = useState<Layer | null>(null);
  useEffect(() => {
    store.loadLayers();
  }, [store]);
  const queue = queueOf(
    `layers/${store.id}`,
    () =>
      new UploadQueue(
        (file, report) => {
          const form = new FormData();
          form.append("name", stem(file.name));
          for (const [field, value] of Object.entries(options.current))
            if (value.trim()) form.append(field, value.trim());
          form.append("file", file);
          return sendForm(store.path("/layers"), form, report);
        },
        () => store.loadLayers(),
      ),
  );
  const layers = store.layers.value;
  return (
    <>
      <header class="content-head">
        <h1>{t("area.layers")}</h1>
        <p class="muted">{t("layers.text")}</p>
      </header>
      {uploads && (
        <div class="layer-form">
          <Choices chosen={chosen} setChosen={setChosen} />
          <DropZone
            title={t("layers.drop")}
            text={t("layers.drop.text")}
            accept=".gpkg,.geojson,.json,.zip,.fgb,.dxf,.csv,.xlsx,.tif,.tiff,.asc,.xml,.landxml"
            onFiles={(files) => queue.add(files)}
          />
        </div>
      )}
      <UploadList queue={queue} store={store} />
      {layers === null && <Skeleton rows={2} />}
      {layers?.length === 0 && (
        <Empty icon="layers" title={t("layers.none")} text={t("layers.none.text")} />
      )}
      <ul class="cards">
        {layers?.map((layer) => (
          <li key={layer.id} class="card row layer-card" data-layer={layer.name}>
            <div>
              <h2>{layer.name}</h2>
              <p class="muted">{summary(layer)}</p>
            </div>
            <FileTag state={layer.state} />
            <Download store={store} kind="layers" file={layer} />
            {uploads && (
              <Button
                look="quiet"
                icon="close"
                aria-label={t("layers.remove", { name: layer.name })}
                onClick={() => setRemoving(layer)}
              />
            )}
            <Standing file={layer} />
            <Unchecked entries={unchecked(store, layer)} />
            <FileRevisions store={store} kind="layers" file={layer} />
          </li>
        ))}
      </ul>
      {removing && (
        <RemoveDialog
          path={store.path(`/layers/${removing.id}`)}
          title={t("layers.remove", { name: removing.name })}
          text={t("layers.remove.text")}
          onClose={() => setRemoving(null)}
          onDone={() => store.loadLayers()}
        />
      )}
    </>
  );
}

/** What a person knows about the files they are about to send. */
function Choices(props: { chosen: Options; setChosen: (options: Options) => void }) {
  const { chosen } = props;
  const set = (change: Partial<Options>) => props.setChosen({ ...chosen, ...change });
  const bound = (field: keyof Options) => ({
    name: field,
    value: chosen[field],
    onInput: (e: { currentTarget: HTMLInputElement }) => set({ [field]: e.currentTarget.value }),
  });
  const number = { step: "any", inputMode: "decimal" } as const;
  return (
    <>
      <Select
        label={t("layers.role")}
        value={chosen.role}
        choices={[
          { value: "", label: t("layers.role.guess") },
          ...ROLES.map((r) => ({ value: r, label: word("layer", r) })),
        ]}
        onChange={(role) => set({ role })}
      />
      <Field label={t("layers.crs")} hint={t("layers.crs.hint")}>
        <input placeholder="EPSG:4544" {...bound("crs")} />
      </Field>
      <details class="history layer-more">
        <summary>{t("layers.more")}</summary>
        <div class="layer-form">
          <Field label={t("layers.datum")} hint={t("layers.datum.hint")}>
            <input {...bound("vertical_datum")} />
          </Field>
          <Field label={t("layers.offset")} hint={t("layers.offset.hint")}>
            <input type="number" {...number} {...bound("datum_offset_m")} />
          </Field>
          <Field label={t("layers.accuracy")} hint={t("layers.accuracy.hint")}>
            <input type="number" min="0" {...number} {...bound("accuracy_m")} />
          </Field>
          <Field label={t("layers.date")}>
            <input type="date" {...bound("date")} />
          </Field>
          <Select
            label={t("layers.depth_ref")}
            value={chosen.depth_ref}
            choices={[
              { value: "", label: t("layers.depth_ref.unknown") },
              ...DEPTH_REFS.map((r) => ({ value: r, label: word("depth", r) })),
            ]}
            onChange={(depth_ref) => set({ depth_ref })}
          />
        </div>
      </details>
    </>
  );
}

function summary(layer: Layer): string {
  const offset = layer.datum_offset_m;
  return [
    t("models.revision", { n: layer.revision }),
    layer.role ? word("layer", layer.role) : t("layers.role.guess"),
    layer.crs,
    layer.vertical_datum,
    offset === null ? "" : `${t("layers.offset")} ${offset}`,
    layer.accuracy_m === null ? "" : `± ${metres(layer.accuracy_m)}`,
    layer.depth_ref && word("depth", layer.depth_ref),
    layer.date,
    bytes(layer.size_bytes),
    ago(layer.created),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** What the last review did not check of a layer. */
function unchecked(store: ProjectStore, layer: Layer) {
  return (store.notAssessed.value ?? []).filter((e) => concerns(e, layer.name));
}
