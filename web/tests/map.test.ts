import { afterEach, expect, test } from "vitest";
import { lang } from "../src/i18n";
import { homeOf, marksOf, pinsOf } from "../src/map";
import { factsOf } from "../src/maplegend";
import { colourOf, KINDS, kindsOf, lookOf, reach } from "../src/mapstyle";
import { concerns } from "../src/storedfiles";
import type { Issue, MapDocument, MapFeature, MapLayer, MapMarker, MapModel } from "../src/types";

afterEach(() => {
  lang.value = "zh-CN";
});

const square = (low: number, high: number) => [
  [
    [low, low],
    [high, low],
    [high, high],
    [low, high],
  ],
];

function layer(change: Partial<MapLayer>): MapLayer {
  return {
    name: "给水",
    role: "utility",
    vertical_datum: null,
    datum_offset_m: null,
    accuracy_m: null,
    date: null,
    count: 1,
    tolerance_m: 0.005,
    one_point_per_m: null,
    fields: [],
    fields_left_out: 0,
    features: [],
    contours: null,
    ...change,
  };
}

function marker(change: Partial<MapMarker>): MapMarker {
  return {
    issue: null,
    main: false,
    kind: "gis",
    code: "GIS480",
    severity: 50,
    band: null,
    group: 0,
    point: [1, 2, 3],
    text: "净距不足",
    text_en: "too close",
    ...change,
  };
}

const model: MapModel = {
  name: "a",
  discipline: "structure",
  verdict: "ok",
  elements: 1200,
  group: 0,
  outline: [square(0, 10)],
  tolerance_m: 0.05,
  z: [-3, 21.5],
};

function map(change: Partial<MapDocument>): MapDocument {
  return {
    schema: "yuyan/map/1",
    located: true,
    reason: null,
    crs: "EPSG:4545+5737",
    crs_name: "CGCS2000",
    origin: [357000, 3278000, 200],
    origin_lonlat: [106.5, 29.6],
    north: 0,
    groups: 1,
    models: [model],
    layers: [],
    not_assessed: [],
    markers: [],
    ...change,
  };
}

const issue = (id: string, severity: number, number: number) => ({ id, severity, number }) as Issue;
const pipe: MapFeature = { type: "line", parts: [], kind: "gas", width_m: 0.2, z: [60.5, 61] };

test("utilities have the colour of their kind, others that of their role", () => {
  expect(colourOf(layer({}), pipe)).toBe(KINDS.gas);
  expect(colourOf(layer({}), { ...pipe, kind: "martian" })).toBe(KINDS.unknown);
  expect(colourOf(layer({ role: "red_line" }), pipe)).toBe(lookOf("red_line").stroke);
  expect(lookOf("never heard of")).toBe(lookOf("context"));
});

test("the kinds of a layer come in the order of the standard, each once", () => {
  const features = ["power", "water", "water", undefined].map((kind) => ({ ...pipe, kind }));
  expect(kindsOf(layer({ features: features as MapFeature[] }))).toEqual([
    "water",
    "power",
    "unknown",
  ]);
});

test("the band reaches from the axis over the wall by the accuracy; without one there is none", () => {
  expect(reach(layer({ accuracy_m: 0.15 }), pipe)).toBeCloseTo(0.25);
  expect(reach(layer({}), pipe)).toBe(0);
});

test("an issue is pinned where the document has it, when the list shows it", () => {
  const markers = [
    marker({ issue: "low", main: true, point: [4, 5, 6] }),
    marker({ issue: "high", main: true }),
    marker({ issue: "high", main: false, point: [7, 8, 9] }),
    marker({ issue: "filtered", main: true }),
    marker({ issue: "elsewhere", main: true, group: 1 }),
    marker({ point: [0, 0, 0] }),
  ];
  const listed = [issue("low", 20, 2), issue("high", 90, 1), issue("elsewhere", 50, 3)];
  const document = map({ markers });
  const shown = { group: 0, hidden: new Set<string>(), issues: true, findings: true };

  const pins = pinsOf(document, listed, 0).map((p) => [p.issue.id, p.at]);
  expect(pins).toEqual([
    ["high", [1, 2]],
    ["low", [4, 5]],
  ]);
  expect(marksOf(document, listed, shown).map((m) => m.point)).toEqual([
    [7, 8, 9],
    [0, 0, 0],
  ]);
  const quiet = { ...shown, findings: false };
  expect(marksOf(document, listed, quiet).map((m) => m.point)).toEqual([[7, 8, 9]]);
});

test("the map opens on the models and the red line around them, not on one far away", () => {
  const line = (low: number, high: number) =>
    layer({
      role: "red_line",
      features: [{ type: "area", parts: [square(low, high)] } as MapFeature],
    });

  expect(homeOf(map({ layers: [line(-10, 20)] }), 0)).toEqual([-10, -10, 20, 20]);
  expect(homeOf(map({ layers: [line(5000, 5100)] }), 0)).toEqual([0, 0, 10, 10]);
  expect(homeOf(map({ models: [], markers: [marker({})] }), 0)).toEqual([1, 2, 1, 2]);
});

test("a feature tells its values, and heights of the map", () => {
  const known = layer({
    fields: ["材质", "管径"],
    accuracy_m: 0.15,
    datum_offset_m: -1.2,
    date: "2025-03-31",
    vertical_datum: "吴淞",
  });
  const feature = { ...pipe, values: ["PE", null] };
  const facts = factsOf(map({}), { what: "feature", layer: known, feature });
  expect(facts.filter(([, value]) => value !== "")).toEqual([
    ["材质", "PE"],
    ["管线种类", "燃气"],
    ["外径/外宽", "200 mm"],
    ["高程", "260.50 – 261.00 m"],
    ["图层用途", "地下管线"],
    ["平面精度", "± 150 mm"],
    ["高程基准", "吴淞"],
    ["高程改正", "-1.2 m"],
    ["测量日期", "2025-03-31"],
  ]);
});

test("a model and a finding tell what they are in the language of the screen", () => {
  lang.value = "en";
  expect(factsOf(map({}), { what: "model", model })).toEqual([
    ["Discipline", "structure"],
    ["Elements", "1,200"],
    ["Height", "197.00 – 221.50 m"],
    ["Position", "Position can be trusted"],
    ["Outline simplified", "≤ 50 mm"],
  ]);
  expect(factsOf(map({}), marker({ band: "within_uncertainty" }))).toEqual([
    ["Judged", "within the uncertainty of the survey; check on site"],
  ]);
});

test("what was not checked is told beside the layer it names, or whose file it is in", () => {
  const entry = (what: string) => ({ what, what_en: "", why: "", why_en: "" });
  expect(concerns(entry("图层“给水”"), "给水")).toBe(true);
  expect(concerns(entry("图层“总图/给水”的高程"), "总图")).toBe(true);
  expect(concerns(entry("图层“给水二”"), "给水")).toBe(false);
});
