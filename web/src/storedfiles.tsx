/** Layers and schedules as stored files: to fetch, to remove, and what of them was not checked. */
import { api, url } from "./api";
import { bytes, dateTime } from "./format";
import { pick, t, word } from "./i18n";
import type { ProjectStore } from "./project";
import { attempt } from "./session";
import type { Layer, NotAssessed } from "./types";
import { Button, Dialog, Icon } from "./ui";
import { ProblemBox } from "./uploads";

/** Where a file is kept: `/layers/…` or `/schedules/…` of its project. */
type Kept = { store: ProjectStore; kind: "layers" | "schedules"; file: Layer };

/** Fetches a revision; the newest unless one is named, under the name it came with. */
export function Download(props: Kept & { revision?: { revision: number; filename: string } }) {
  const { store, kind, file, revision } = props;
  const which = revision ? `?revision=${revision.revision}` : "";
  const filename = revision?.filename ?? file.filename;
  return (
    <a
      class="button quiet bare"
      href={url(store.path(`/${kind}/${file.id}/file${which}`))}
      download={filename}
      aria-label={t("models.original", { name: filename })}
    >
      <Icon name="download" />
    </a>
  );
}

type State = Layer["state"];

export function FileTag({ state }: { state: State }) {
  return (
    <span class={`tag ${state}`} data-state={state}>
      {word("file", state)}
    </span>
  );
}

/** Which revision counts, where that is not plainly the newest; and what is wrong with that. */
export function Standing({ file }: { file: Layer }) {
  const sentence = standing(file);
  return (
    <>
      {file.problem && <ProblemBox problem={file.problem} />}
      {sentence && <p class="standing">{sentence}</p>}
    </>
  );
}

/** The sentence on the revision in use; empty where the newest one is. */
export function standing(
  file: Pick<Layer, "revision" | "state" | "revision_in_use" | "earlier">,
): string {
  const { revision, state, revision_in_use: used } = file;
  if (used === revision) return "";
  if (used !== null)
    return t(state === "failed" ? "files.standing.failed.kept" : "files.standing.queued.kept", {
      n: revision,
      used,
    });
  // A file that is here for the first time waits for its first review: its tag says so.
  return state === "failed" ? t("files.standing.failed.none", { n: revision }) : "";
}

/** The revisions that are kept, the newest first; nothing where there is one. */
export function FileRevisions({ store, kind, file }: Kept) {
  if (file.earlier.length === 0) return null;
  const all = [file, ...file.earlier];
  return (
    <details class="revisions">
      <summary>{t("files.revisions", { n: all.length })}</summary>
      <table>
        <tbody>
          {all.map((r) => (
            <tr key={r.revision} data-revision={r.revision}>
              <td>
                {t("models.revision", { n: r.revision })}
                {r.revision === file.revision_in_use && (
                  <>
                    <br />
                    <b class="in-use">{t("files.in_use")}</b>
                  </>
                )}
              </td>
              <td>
                <FileTag state={r.state} />
              </td>
              <td>
                {dateTime(r.created)}
                <br />
                <span class="muted">
                  {r.filename} · {bytes(r.size_bytes)}
                </span>
                {r !== file && r.problem && (
                  <>
                    <br />
                    <span class="muted">{pick(r.problem.message, r.problem.message_en)}</span>
                  </>
                )}
              </td>
              <td>
                <Download store={store} kind={kind} file={file} revision={r} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="muted">{t("files.revisions.text")}</p>
    </details>
  );
}

interface RemoveProps {
  /** Address of what is removed. */
  path: string;
  title: string;
  text: string;
  onClose: () => void;
  onDone: () => void;
}

/** Asks before something is removed; `onDone` is told when it is gone, or was to be. */
export function RemoveDialog({ path, title, text, onClose, onDone }: RemoveProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <Button
        look="danger"
        onClick={async () => {
          await attempt(() => api.delete(path));
          onClose();
          onDone();
        }}
      >
        {t("layers.remove.yes")}
      </Button>
    </Dialog>
  );
}

/** What the last review did not check of a file, and why. */
export function Unchecked({ entries }: { entries: readonly NotAssessed[] }) {
  if (entries.length === 0) return null;
  return (
    <ul class="layer-unchecked">
      {entries.map((e) => (
        <li key={e.what + e.why}>
          {t("layers.unchecked", { what: pick(e.what, e.what_en) })}
          <br />
          <span class="muted">{pick(e.why, e.why_en)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Whether an entry of what was not checked names a file, or a layer inside a file of that name. */
export function concerns(entry: NotAssessed, name: string): boolean {
  return entry.what.includes(`“${name}”`) || entry.what.includes(`“${name}/`);
}
