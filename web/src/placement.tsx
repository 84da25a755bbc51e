/** Where a person says a model stands, when its file does not say it rightly. */
import { useState } from "preact/hooks";
import { api } from "./api";
import { t, word } from "./i18n";
import type { ProjectStore } from "./project";
import { attempt, notify } from "./session";
import type { Model, Placement } from "./types";
import { Button, Dialog, Field } from "./ui";

const NUMBERS = ["eastings", "northings", "height", "rotation_deg", "scale"] as const;

/** What is typed: text, because "514433." is on its way to a number. */
type Draft = Record<(typeof NUMBERS)[number] | "crs", string>;

function draftOf(given: Partial<Placement>): Draft {
  return {
    crs: given.crs ?? "",
    eastings: String(given.eastings ?? ""),
    northings: String(given.northings ?? ""),
    height: String(given.height ?? 0),
    rotation_deg: String(given.rotation_deg ?? 0),
    scale: String(given.scale ?? 1),
  };
}

export function PlaceModel(props: { store: ProjectStore; model: Model; onClose: () => void }) {
  const { store, model } = props;
  const revision = model.latest?.revision;
  const place = revision?.georeference;
  const proposed = place?.repair;
  const [draft, setDraft] = useState(() =>
    draftOf(model.placement ?? proposed ?? { crs: store.project.value?.crs ?? "" }),
  );
  const path = store.path(`/models/${model.id}/placement`);
  const repair = store.path(`/revisions/${revision?.id}/repair`);
  const shift = place?.repair_shift_m;
  const finish = async (work: () => Promise<unknown>, said: string) => {
    const done = await attempt(() => work().then(() => true));
    if (!done) return;
    notify(said, "good");
    props.onClose();
    await store.loadModels();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const values = Object.fromEntries(NUMBERS.map((key) => [key, Number(draft[key])]));
    finish(() => api.put(path, { crs: draft.crs.trim(), ...values }), t("placement.set"));
  };
  return (
    <Dialog title={t("placement.title", { name: model.name })} onClose={props.onClose}>
      <form onSubmit={submit}>
        <p>{t("placement.text")}</p>
        {place?.confirmed && (
          <>
            <p class="suggestion">{t("placement.confirmed_by", { name: place.confirmed.by })}</p>
            <Button onClick={() => finish(() => api.delete(repair), t("placement.withdrawn"))}>
              {t("placement.withdraw")}
            </Button>
          </>
        )}
        {place?.repairable && !place.confirmed && !model.placement && (
          <>
            <p class="suggestion">
              {word("verdict", place.verdict)}
              {shift ? ` · ${t("placement.shift", { m: shift.toFixed(1) })}` : ""}
            </p>
            <Button
              look="primary"
              onClick={() =>
                finish(() => api.put(repair, { verdict: place.verdict }), t("placement.confirmed"))
              }
            >
              {t("placement.confirm")}
            </Button>
          </>
        )}
        {proposed && !model.placement && !place?.confirmed && (
          <p class="suggestion">{t("placement.proposed")}</p>
        )}
        {model.placement?.control && <Residuals control={model.placement.control} />}
        <Field label={t("placement.crs")}>
          <input
            placeholder="EPSG:4545"
            value={draft.crs}
            onInput={(e) => setDraft({ ...draft, crs: e.currentTarget.value })}
          />
        </Field>
        <div class="pairs">
          {NUMBERS.map((key) => (
            <Field key={key} label={t(`placement.${key}`)}>
              <input
                type="number"
                step="any"
                required
                value={draft[key]}
                onInput={(e) => setDraft({ ...draft, [key]: e.currentTarget.value })}
              />
            </Field>
          ))}
        </div>
        <Button type="submit" look="primary">
          {t("placement.submit")}
        </Button>
        {model.placement && (
          <Button onClick={() => finish(() => api.delete(path), t("placement.dropped"))}>
            {t("placement.drop")}
          </Button>
        )}
      </form>
    </Dialog>
  );
}

/** How well the control points fit, by their numbers; where they are is nobody's to see. */
function Residuals({
  control,
}: {
  control: NonNullable<NonNullable<Model["placement"]>["control"]>;
}) {
  return (
    <details>
      <summary>
        {t("placement.control", { n: control.points, mm: control.max_residual_mm.toFixed(1) })}
      </summary>
      <ul>
        {Object.entries(control.residuals_mm).map(([number, mm]) => {
          const up = control.height_residuals_mm[number];
          return (
            <li key={number}>
              {number}: {mm.toFixed(1)} mm
              {up != null && <> · ΔH {up.toFixed(1)} mm</>}
              {number === control.suspect && <> · {t("placement.suspect")}</>}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
