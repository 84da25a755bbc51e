/** The shapes of the HTTP API by short names; all come from the OpenAPI document. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Clash = Schemas["Clash"];
export type Comment = Schemas["Comment"];
export type ElementColumns = Schemas["SceneElements"];
export type Finding = Schemas["Finding"];
export type HistoryEntry = Schemas["HistoryEntry"];
export type Issue = Schemas["Issue"];
export type IssueChange = Partial<Schemas["IssueChange"]>;
export type IssueElement = Schemas["IssueElement"];
export type Resolution = Schemas["Resolution"];
export type Job = Schemas["Job"];
export type Layer = Schemas["StoredFile"];
export type LinkChoice = Schemas["LinkChoice"];
export type LinkGroup = Schemas["LinkGroup"];
export type Links = Schemas["Links"];
export type MapDocument = Schemas["MapDocument"];
export type MapFeature = Schemas["MapFeature"];
export type MapLayer = Schemas["MapLayer"];
export type MapMarker = Schemas["MapMarker"];
export type MapModel = Schemas["MapModel"];
export type Member = Schemas["Member"];
export type Model = Schemas["Model"];
export type NotAssessed = Schemas["NotAssessed"];
export type Placement = Schemas["Placement"];
export type Problem = Schemas["Trouble"];
export type Project = Schemas["Project"];
export type Revision = Schemas["Revision"];
export type RuleRow = Schemas["RuleRow"];
export type RuleSet = Schemas["Rules"];
export type Run = Schemas["Run"];
export type SceneIndex = Schemas["SceneOut"];
export type Text = Schemas["Text"];
export type TimelineDocument = Schemas["TimelineDocument"];
export type TimelineRisk = Schemas["TimelineRisk"];
export type TimelineTask = Schemas["TimelineTask"];
export type Uploaded = Schemas["Uploaded"];
export type User = Schemas["User"];
export type Viewpoint = Schemas["Viewpoint"];

/** A point in metres of the project frame. */
export type Point = Viewpoint["position"];
export type Role = Member["role"];
export type Status = Issue["status"];
