/** One project on the screen: its areas, the way between them and the keys. */
import { signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { IssueDetail } from "./detail";
import { PlainBar, UserMenu } from "./home";
import { t } from "./i18n";
import { IssueList } from "./issues";
import { Layers } from "./layers";
import { MapView } from "./map";
import { Members } from "./members";
import { Models } from "./models";
import { ProjectStore } from "./project";
import { Runs } from "./runs";
import { Schedules } from "./schedules";
import { type Area, go, may, place } from "./session";
import { Brand, Button, Empty, Icon, type IconName, LanguageSwitch, Menu } from "./ui";
import { View3D } from "./view3d";

const query = window.matchMedia("(min-width: 1080px)");
/** Room for list, picture and detail side by side. */
const wide = signal(query.matches);
query.addEventListener("change", () => {
  wide.value = query.matches;
});

const TABS: { area: Area; icon: IconName; narrowOnly?: boolean; adminOnly?: boolean }[] = [
  { area: "issues", icon: "list" },
  { area: "view", icon: "cube", narrowOnly: true },
  { area: "timeline", icon: "timeline" },
  { area: "map", icon: "map" },
  { area: "models", icon: "model" },
  { area: "layers", icon: "layers" },
  { area: "runs", icon: "run" },
  { area: "members", icon: "people", adminOnly: true },
];

export function Workspace({ project }: { project: string }) {
  const store = useMemo(() => new ProjectStore(project), [project]);
  useEffect(() => {
    store.open();
    return () => store.close();
  }, [store]);
  useKeys(store);
  const { area, issue } = place.value;
  const [opened, setOpened] = useState(false);
  const inView = area === "view" || area === "timeline";
  const showView = wide.value || inView;
  useEffect(() => {
    if (showView) setOpened(true);
  }, [showView]);

  if (store.missing.value)
    return (
      <div class="page">
        <PlainBar />
        <Empty icon="warning" title={t("project.missing")} text={t("project.missing.text")}>
          <a class="button primary" href="#/">
            {t("project.missing.back")}
          </a>
        </Empty>
      </div>
    );
  const review = area === "issues" || inView;
  const pane = inView ? "view" : issue ? "detail" : "list";
  return (
    <div class={`workspace ${wide.value ? "wide" : "narrow"}`} data-area={area}>
      <Header store={store} />
      <main class="review" data-pane={pane} hidden={!review}>
        <section class="pane list-pane" aria-label={t("area.issues")}>
          <IssueList store={store} />
        </section>
        <section class="pane view-pane" aria-label={t("area.view")}>
          {(opened || showView) && <View3D store={store} wide={wide.value} />}
        </section>
        <section class="pane detail-pane" aria-label={t("area.detail")}>
          {review && <IssueDetail store={store} wide={wide.value} />}
        </section>
      </main>
      {area === "map" && (
        <main class="map-page">
          <section class="map-pane" aria-label={t("area.map")}>
            <MapView store={store} wide={wide.value} />
          </section>
          {wide.value && issue && (
            <section class="pane detail-pane" aria-label={t("area.detail")}>
              <IssueDetail store={store} wide />
            </section>
          )}
        </main>
      )}
      {!review && area !== "map" && (
        <main class="content">
          {area === "models" && <Models store={store} />}
          {area === "layers" && (
            <>
              <Layers store={store} />
              <Schedules store={store} />
            </>
          )}
          {area === "runs" && <Runs store={store} />}
          {area === "members" && <Members store={store} />}
        </main>
      )}
      <nav class="dock" aria-label={t("app.areas")}>
        {TABS.filter((tab) => !tab.adminOnly).map((tab) => (
          <Tab key={tab.area} {...tab} store={store} />
        ))}
      </nav>
    </div>
  );
}

function Tab({ area, icon, store }: { area: Area; icon: IconName; store: ProjectStore }) {
  const now = place.value.area;
  const here = now === area || (area === "issues" && now === "view" && wide.value);
  const keeps = area === "view" || area === "timeline" || area === "map";
  const issue = keeps || (area === "issues" && wide.value) ? place.value.issue : null;
  const target = { area, issue };
  return (
    <button
      type="button"
      data-tab={area}
      aria-current={here ? "page" : undefined}
      onClick={() => go(target)}
    >
      <Icon name={icon} />
      <span>{t(`area.${area}`)}</span>
      {area === "issues" && store.project.value && store.shown.value.length > 0 && (
        <small>{store.shown.value.length}</small>
      )}
    </button>
  );
}

function Header({ store }: { store: ProjectStore }) {
  const project = store.project.value;
  const admin = may(project?.role, "administer");
  return (
    <header class="bar">
      <a class="button quiet bare" href="#/" aria-label={t("project.all")}>
        <Icon name="back" />
      </a>
      <span class="only-wide">
        <Brand />
      </span>
      <strong class="project-name" title={project?.description ?? ""}>
        {project?.name ?? " "}
      </strong>
      <nav class="tabs only-wide" aria-label={t("app.areas")}>
        {TABS.filter((tab) => !tab.narrowOnly && (!tab.adminOnly || admin)).map((tab) => (
          <Tab key={tab.area} {...tab} store={store} />
        ))}
      </nav>
      <span class="grow" />
      <Connection store={store} />
      <LanguageSwitch />
      {admin && (
        <Button
          class="only-narrow"
          look="quiet"
          icon="people"
          aria-label={t("area.members")}
          onClick={() => go({ area: "members", issue: null })}
        />
      )}
      <UserMenu />
    </header>
  );
}

/** What waits for the network, or that the page is not being kept fresh. */
function Connection({ store }: { store: ProjectStore }) {
  const waiting = store.outbox.waiting.value;
  if (waiting.length === 0)
    return store.live.value ? null : (
      <span class="connection" title={t("live.lost.text")}>
        <Icon name="offline" /> <span class="only-wide">{t("live.lost")}</span>
      </span>
    );
  return (
    <Menu
      class="outbox"
      summary={{
        class: "connection",
        children: (
          <>
            <Icon name="offline" /> {t("outbox.waiting", { n: waiting.length })}
          </>
        ),
      }}
    >
      <p>{t("outbox.text")}</p>
      <ul>
        {waiting.map((w) => (
          <li key={w.id}>
            <p>{w.kind === "comment" ? w.text : t("outbox.change")}</p>
            {w.refused && <p class="bad">{w.refused}</p>}
            <Button look="quiet" onClick={() => store.outbox.discard(w.id)}>
              {t("outbox.discard")}
            </Button>
          </li>
        ))}
      </ul>
      <Button icon="upload" onClick={() => store.outbox.flush()}>
        {t("outbox.now")}
      </Button>
    </Menu>
  );
}

function useKeys(store: ProjectStore) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest("input, textarea, select, dialog")) return;
      const area = place.value.area;
      if (!["issues", "view", "timeline", "map"].includes(area)) return;
      if (event.key === "j" || event.key === "k") {
        const to = store.neighbour(event.key === "j" ? 1 : -1);
        if (to) go({ issue: to.id }, place.value.issue !== null);
      } else if (event.key === "/") {
        event.preventDefault();
        document.querySelector<HTMLInputElement>(".search input")?.focus();
      } else if (event.key === "Escape" && area !== "view") go({ issue: null });
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [store]);
}
