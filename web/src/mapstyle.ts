/** How the map draws what: colours and dashes by role, and utilities by kind after CJJ 61. */
import type { MapFeature, MapLayer } from "./types";

export interface Look {
  /** Drawn first to last: what is under a building goes under it. */
  rank: number;
  stroke: string;
  /** Pixels. */
  width: number;
  dash?: readonly number[];
  fill?: string;
  /** Degrees of the hatch lines. */
  hatch?: number;
  /** There may be thousands of these. */
  many?: boolean;
}

const ROLES: Record<string, Look> = {
  terrain: { rank: 0, stroke: "#9a6a3c", width: 1, many: true },
  flood: { rank: 1, stroke: "#1565c0", width: 1.5, dash: [6, 4], fill: "#1e88e51f", hatch: 135 },
  river: { rank: 2, stroke: "#1d78b5", width: 1.5, fill: "#8cc8ec99" },
  context: { rank: 3, stroke: "#6f7b87", width: 1.2, fill: "#b9c3cc59", many: true },
  neighbour: { rank: 4, stroke: "#5b6773", width: 1.5, fill: "#aab5bf80", many: true },
  protection_zone: { rank: 5, stroke: "#6a1b9a", width: 1.5, dash: [8, 4], hatch: 45 },
  height_limit: { rank: 5, stroke: "#ad1457", width: 1.5, dash: [3, 3], hatch: 0 },
  metro: { rank: 6, stroke: "#00707c", width: 3, hatch: 45 },
  railway: { rank: 6, stroke: "#3a3f45", width: 3.5, dash: [9, 6] },
  setback: { rank: 7, stroke: "#d9480f", width: 2, dash: [9, 5] },
  red_line: { rank: 8, stroke: "#d0021b", width: 2.5, dash: [16, 5, 3, 5] },
  utility: { rank: 10, stroke: "#6741d9", width: 2, many: true },
  power_line: { rank: 11, stroke: "#9c0006", width: 1.8, dash: [14, 4, 2, 4, 2, 4] },
};

/** Kinds of buried lines in the colours of CJJ 61. */
export const KINDS: Record<string, string> = {
  water: "#1462c4",
  sewer: "#7a4a20",
  gas: "#d6237b",
  heat: "#e06c00",
  power: "#d50000",
  telecom: "#0b8a3a",
  industrial: "#1d1d1d",
  gallery: "#44525e",
  unknown: "#7048c8",
};

/** Models: by discipline, so that their outlines can be told apart. */
const MODELS: Record<string, string> = {
  architecture: "#2f5d8a",
  structure: "#3d4753",
  hvac: "#0f7f86",
  plumbing: "#3267b8",
  fire: "#b3402e",
  electrical: "#8a6d00",
  site: "#4d7a3a",
  utility: "#6741d9",
};

/** Where models are drawn among the layers: above the ground, under what is buried. */
export const MODEL_RANK = 9;

export function lookOf(role: string): Look {
  return ROLES[role] ?? (ROLES.context as Look);
}

export function modelColour(discipline: string): string {
  return MODELS[discipline] ?? "#51606e";
}

/** Colour of one feature: of its kind where it is a utility. */
export function colourOf(layer: MapLayer, feature: MapFeature): string {
  if (layer.role !== "utility") return lookOf(layer.role).stroke;
  return KINDS[feature.kind ?? "unknown"] ?? (KINDS.unknown as string);
}

/** The kinds that a layer has, in the order of the standard. */
export function kindsOf(layer: MapLayer): string[] {
  const present = new Set(layer.features.map((f) => f.kind ?? "unknown"));
  return Object.keys(KINDS).filter((k) => present.has(k));
}

/** Metres between the axis of a buried line and the edge of where it may be; 0 where not known. */
export function reach(layer: MapLayer, feature: MapFeature): number {
  if (!layer.accuracy_m || feature.type === "area") return 0;
  return (feature.width_m ?? 0) / 2 + layer.accuracy_m;
}
