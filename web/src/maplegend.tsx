/** The legend of the map, which switches layers, and what is known of a thing on it. */
import type { ComponentChildren } from "preact";
import { count, metres } from "./format";
import { pick, t, word } from "./i18n";
import type { Hit } from "./mapdraw";
import { KINDS, kindsOf, type Look, lookOf, modelColour } from "./mapstyle";
import type { MapDocument, MapFeature, MapLayer, MapMarker, MapModel } from "./types";
import { Button, Select, Severity } from "./ui";

/** What of the map is to be seen. */
export interface Shown {
  group: number;
  /** Keys of sheets that are switched off. */
  hidden: ReadonlySet<string>;
  issues: boolean;
  findings: boolean;
}

interface LegendProps {
  map: MapDocument;
  shown: Shown;
  setShown: (shown: Shown) => void;
  onClose: () => void;
}

export function Legend({ map, shown, setShown, onClose }: LegendProps) {
  const toggle = (key: string) => {
    const hidden = new Set(shown.hidden);
    if (!hidden.delete(key)) hidden.add(key);
    setShown({ ...shown, hidden });
  };
  const onMap = map.located && shown.group === 0;
  const layers = (onMap ? map.layers : [])
    .map((layer, i) => ({ layer, key: `layer:${i}` }))
    .sort((a, b) => lookOf(b.layer.role).rank - lookOf(a.layer.role).rank);
  const held = map.models.filter((m) => m.group === null);
  return (
    <aside class="shown map-legend" aria-label={t("map.legend")}>
      <header>
        <b>{t("map.legend")}</b>
        <Button look="quiet" icon="close" aria-label={t("app.close")} onClick={onClose} />
      </header>
      {map.groups > 1 && (
        <Select
          label={t("map.group")}
          value={String(shown.group)}
          choices={Array.from({ length: map.groups }, (_, n) => ({
            value: String(n),
            label: n === 0 && map.located ? t("map.group.map") : t("map.group.local", { n: n + 1 }),
          }))}
          onChange={(value) => setShown({ ...shown, group: Number(value) })}
        />
      )}
      <Switch
        label={t("map.issues")}
        checked={shown.issues}
        onChange={() => setShown({ ...shown, issues: !shown.issues })}
      />
      <Switch
        label={t("map.findings")}
        checked={shown.findings}
        onChange={() => setShown({ ...shown, findings: !shown.findings })}
      />
      <h3>{t("view.models")}</h3>
      {map.models.map(
        (model, i) =>
          model.group === shown.group && (
            <Switch
              key={model.name}
              label={model.name}
              note={word("discipline", model.discipline)}
              checked={!shown.hidden.has(`model:${i}`)}
              onChange={() => toggle(`model:${i}`)}
              swatch={<ModelSwatch model={model} />}
            />
          ),
      )}
      {held.map((model) => (
        <p key={model.name} class="muted">
          {model.name}：{word("verdict", model.verdict)}
        </p>
      ))}
      {layers.length > 0 && <h3>{t("area.layers")}</h3>}
      {layers.map(({ layer, key }) => (
        <Switch
          key={key}
          label={layer.name}
          note={word("layer", layer.role)}
          checked={!shown.hidden.has(key)}
          onChange={() => toggle(key)}
          swatch={<Swatch look={lookOf(layer.role)} colour={swatchColour(layer)} />}
        >
          <LayerNotes layer={layer} />
        </Switch>
      ))}
      {map.not_assessed.length > 0 && (
        <details class="history">
          <summary>{t("unchecked", { n: map.not_assessed.length })}</summary>
          <ul>
            {map.not_assessed.map((entry) => (
              <li key={entry.what + entry.why}>
                {pick(entry.what, entry.what_en)}
                <br />
                <span class="muted">{pick(entry.why, entry.why_en)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </aside>
  );
}

function swatchColour(layer: MapLayer): string {
  if (layer.role !== "utility") return lookOf(layer.role).stroke;
  return KINDS[kindsOf(layer)[0] ?? "unknown"] ?? "";
}

/** Kinds of a utility by colour, its band, and by how much shapes were simplified. */
function LayerNotes({ layer }: { layer: MapLayer }) {
  const kinds = layer.role === "utility" ? kindsOf(layer) : [];
  const notes = [
    layer.accuracy_m && layer.role === "utility"
      ? t("map.band", { n: metres(layer.accuracy_m) })
      : "",
    layer.contours?.interval_m ? t("map.interval", { n: metres(layer.contours.interval_m) }) : "",
    layer.tolerance_m > 0.06 ? t("map.simplified", { n: metres(layer.tolerance_m) }) : "",
    layer.one_point_per_m ? t("map.thinned", { n: metres(layer.one_point_per_m) }) : "",
    layer.contours?.within ? t("map.near_only") : "",
  ].filter(Boolean);
  return (
    <>
      {kinds.length > 1 && (
        <ul class="map-kinds">
          {kinds.map((kind) => (
            <li key={kind}>
              <i style={{ background: KINDS[kind] ?? "" }} /> {word("utility", kind)}
            </li>
          ))}
        </ul>
      )}
      {notes.length > 0 && <small class="map-notes">{notes.join(" · ")}</small>}
    </>
  );
}

interface SwitchProps {
  label: string;
  note?: string;
  checked: boolean;
  onChange: () => void;
  swatch?: ComponentChildren;
  children?: ComponentChildren;
}

function Switch(props: SwitchProps) {
  return (
    <div class="map-switch">
      <label class="check">
        <input type="checkbox" checked={props.checked} onChange={props.onChange} />
        {props.swatch}
        <span>{props.label}</span>
        {props.note && props.note !== props.label && <small>{props.note}</small>}
      </label>
      {props.children}
    </div>
  );
}

function Swatch({ look, colour }: { look: Look; colour: string }) {
  const area = look.fill !== undefined || look.hatch !== undefined;
  return (
    <svg class="map-swatch" viewBox="0 0 34 16" aria-hidden="true">
      {area && <rect x="2" y="2" width="30" height="12" fill={look.fill ?? `${colour}22`} />}
      {area && look.hatch !== undefined && (
        <path d="M4 14 16 2M14 14 26 2M24 14 32 6" stroke={colour} stroke-opacity="0.5" />
      )}
      <path
        d={area ? "M2 2H32V14H2z" : "M1 8H33"}
        fill="none"
        stroke={colour}
        stroke-width={Math.max(look.width, 1.6)}
        stroke-dasharray={look.dash?.map((d) => d / 1.6).join(" ")}
      />
    </svg>
  );
}

function ModelSwatch({ model }: { model: MapModel }) {
  const colour = modelColour(model.discipline);
  return (
    <svg class="map-swatch" viewBox="0 0 34 16" aria-hidden="true">
      <path d="M2 14V2H22V7H32V14z" fill={`${colour}33`} stroke={colour} stroke-width="1.6" />
    </svg>
  );
}

// What is under the finger -----------------------------------------------------------------

interface FactsProps {
  map: MapDocument;
  hit: Hit | MapMarker;
  onClose: () => void;
}

export function Facts({ map, hit, onClose }: FactsProps) {
  const title = titleOf(hit);
  return (
    <aside class="picked" aria-label={title}>
      <header>
        <b>{title}</b>
        <Button look="quiet" icon="close" aria-label={t("app.close")} onClick={onClose} />
      </header>
      {"point" in hit && (
        <p>
          <Severity value={hit.severity} /> {pick(hit.text, hit.text_en)} <code>{hit.code}</code>
        </p>
      )}
      <dl>
        {factsOf(map, hit)
          .filter(([, value]) => value !== "")
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </aside>
  );
}

function titleOf(hit: Hit | MapMarker): string {
  if ("point" in hit) return t("map.finding");
  if (hit.what === "model") return hit.model.name;
  if (hit.what === "contour") return t("map.contour", { n: hit.height });
  return hit.layer.name;
}

type Fact = [string, string];

export function factsOf(map: MapDocument, hit: Hit | MapMarker): Fact[] {
  if ("point" in hit) return hit.band ? [[t("map.judged"), word("certainty", hit.band)]] : [];
  if (hit.what === "model") return modelFacts(map, hit.model);
  return [
    ...(hit.what === "feature" ? featureFacts(map, hit.layer, hit.feature) : []),
    ...layerFacts(hit.layer),
  ];
}

function heights(map: MapDocument, z: readonly number[] | null | undefined): string {
  if (!z) return "";
  const [low, high] = z.map((v) => (v + map.origin[2]).toFixed(2));
  return low === high ? `${low} m` : `${low} – ${high} m`;
}

function modelFacts(map: MapDocument, model: MapModel): Fact[] {
  return [
    [t("picked.discipline"), word("discipline", model.discipline)],
    [t("models.elements"), count(model.elements)],
    [t("map.heights"), heights(map, model.z)],
    [t("map.placed"), word("verdict", model.verdict)],
    [t("map.tolerance"), model.tolerance_m ? `≤ ${metres(model.tolerance_m)}` : ""],
  ];
}

function featureFacts(map: MapDocument, layer: MapLayer, feature: MapFeature): Fact[] {
  const values = layer.fields.map((name, i): Fact => {
    const value = feature.values?.[i];
    return [name, value === null || value === undefined ? "" : String(value)];
  });
  return [
    ...values,
    [t("map.kind"), layer.role === "utility" ? word("utility", feature.kind ?? "unknown") : ""],
    [t("map.width"), feature.width_m ? metres(feature.width_m) : ""],
    [t("map.heights"), heights(map, feature.z)],
  ];
}

function layerFacts(layer: MapLayer): Fact[] {
  const offset = layer.datum_offset_m;
  return [
    [t("layers.role"), word("layer", layer.role)],
    [t("map.accuracy"), layer.accuracy_m ? `± ${metres(layer.accuracy_m)}` : ""],
    [t("layers.datum"), layer.vertical_datum ?? ""],
    [t("map.offset"), offset === null ? "" : `${offset} m`],
    [t("layers.date"), layer.date ?? ""],
    [
      t("map.fields"),
      layer.fields_left_out > 0 ? t("map.fields.left", { n: layer.fields_left_out }) : "",
    ],
  ];
}
