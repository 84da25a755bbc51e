/** GIS layers: red line, utilities and what else of the map takes part. */
import { useEffect, useState } from "preact/hooks";
import { api, sendForm, url } from "./api";
import { ago, bytes } from "./format";
import { t, word } from "./i18n";
import type { ProjectStore } from "./project";
import { attempt, may } from "./session";
import type { Layer } from "./types";
import { Button, Dialog, Empty, Field, Icon, Select, Skeleton } from "./ui";
import { DropZone, queueOf, stem, UploadList, UploadQueue } from "./uploads";

const ROLES = [
  "red_line",
  "setback",
  "utility",
  "terrain",
  "protection_zone",
  "neighbour",
  "power_line",
  "context",
] as const;

/** Choices that hold for the files sent next. */
interface Options {
  role: string;
  crs: string;
}

const options: { current: Options } = { current: { role: "", crs: "" } };

export function Layers({ store }: { store: ProjectStore }) {
  const uploads = may(store.project.value?.role, "upload");
  const [role, setRole] = useState(options.current.role);
  const [crs, setCrs] = useState(options.current.crs);
  options.current = { role, crs };
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
          if (options.current.role) form.append("role", options.current.role);
          if (options.current.crs.trim()) form.append("crs", options.current.crs.trim());
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
          <Select
            label={t("layers.role")}
            value={role}
            choices={[
              { value: "", label: t("layers.role.guess") },
              ...ROLES.map((r) => ({ value: r, label: word("layer", r) })),
            ]}
            onChange={setRole}
          />
          <Field label={t("layers.crs")} hint={t("layers.crs.hint")}>
            <input
              placeholder="EPSG:4544"
              value={crs}
              onInput={(e) => setCrs(e.currentTarget.value)}
            />
          </Field>
          <DropZone
            title={t("layers.drop")}
            text={t("layers.drop.text")}
            accept=".gpkg,.geojson,.json,.zip"
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
          <li key={layer.id} class="card row" data-layer={layer.name}>
            <div>
              <h2>{layer.name}</h2>
              <p class="muted">
                {[
                  layer.role ? word("layer", layer.role) : t("layers.role.guess"),
                  layer.crs,
                  bytes(layer.size_bytes),
                  ago(layer.created),
                ]
                  .filter(Boolean)
                  .join(" · ")}
              </p>
            </div>
            <span class="grow" />
            <a
              class="button quiet bare"
              href={url(store.path(`/layers/${layer.id}/file`))}
              download={layer.filename}
              aria-label={t("models.original", { name: layer.filename })}
            >
              <Icon name="download" />
            </a>
            {uploads && (
              <Button
                look="quiet"
                icon="close"
                aria-label={t("layers.remove", { name: layer.name })}
                onClick={() => setRemoving(layer)}
              />
            )}
          </li>
        ))}
      </ul>
      {removing && (
        <Dialog
          title={t("layers.remove", { name: removing.name })}
          onClose={() => setRemoving(null)}
        >
          <p>{t("layers.remove.text")}</p>
          <Button
            look="danger"
            onClick={async () => {
              await attempt(() => api.delete(store.path(`/layers/${removing.id}`)));
              setRemoving(null);
              store.loadLayers();
            }}
          >
            {t("layers.remove.yes")}
          </Button>
        </Dialog>
      )}
    </>
  );
}
