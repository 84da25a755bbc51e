/** Layers and schedules as stored files: to fetch, to remove, and what of them was not checked. */
import { api, url } from "./api";
import { pick, t } from "./i18n";
import type { ProjectStore } from "./project";
import { attempt } from "./session";
import type { Layer, NotAssessed } from "./types";
import { Button, Dialog, Icon } from "./ui";

/** Where a file is kept: `/layers/…` or `/schedules/…` of its project. */
type Kept = { store: ProjectStore; kind: "layers" | "schedules"; file: Layer };

export function Download({ store, kind, file }: Kept) {
  return (
    <a
      class="button quiet bare"
      href={url(store.path(`/${kind}/${file.id}/file`))}
      download={file.filename}
      aria-label={t("models.original", { name: file.filename })}
    >
      <Icon name="download" />
    </a>
  );
}

/** Asks before a file is removed; `onDone` is told when it is gone, or was to be. */
export function RemoveDialog(
  props: Kept & { title: string; text: string; onClose: () => void; onDone: () => void },
) {
  const { store, kind, file, title, text, onClose, onDone } = props;
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <Button
        look="danger"
        onClick={async () => {
          await attempt(() => api.delete(store.path(`/${kind}/${file.id}`)));
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
