/** Signing in, and the list of projects. */
import { useEffect, useState } from "preact/hooks";
import { ApiError, api, pages } from "./api";
import art from "./art.svg";
import { count } from "./format";
import { t, word } from "./i18n";
import { attempt, go, notify, signIn, signOut, user } from "./session";
import type { Project, User } from "./types";
import {
  Brand,
  Button,
  Dialog,
  Empty,
  Field,
  Icon,
  LanguageSwitch,
  Menu,
  Refusal,
  Skeleton,
} from "./ui";

export function SignIn() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<ApiError | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(null);
    try {
      await signIn(name.trim(), password);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRefusal(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <section class="sign-in-words">
        <Brand />
        <h1>{t("signin.claim")}</h1>
        <p>{t("signin.claim.text")}</p>
        <img src={art} alt="" width="500" height="470" />
      </section>
      <form class="card" onSubmit={submit}>
        <header>
          <h2>{t("signin.title")}</h2>
          <LanguageSwitch />
        </header>
        <Field label={t("signin.name")}>
          <input
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            value={name}
            onInput={(e) => setName(e.currentTarget.value)}
          />
        </Field>
        <Field label={t("signin.password")}>
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password}
            onInput={(e) => setPassword(e.currentTarget.value)}
          />
        </Field>
        {refusal && (
          <Refusal
            text={refusal.status === 401 ? t("signin.wrong") : refusal.text}
            remedy={refusal.status === 401 ? "" : refusal.remedy}
            code={refusal.status === 0 ? "" : refusal.code}
          />
        )}
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? t("signin.busy") : t("signin.submit")}
        </Button>
      </form>
    </main>
  );
}

export function UserMenu() {
  const who = user.value;
  const [changing, setChanging] = useState(false);
  const avatar = (
    <span class="avatar">{(who?.display_name || who?.name || "?").slice(0, 1).toUpperCase()}</span>
  );
  return (
    <>
      <Menu summary={{ "aria-label": t("app.account"), children: avatar }}>
        <p>
          <b>{who?.display_name || who?.name}</b>
          <br />
          <span class="muted">{who?.name}</span>
        </p>
        <Button onClick={() => setChanging(true)}>{t("password.change")}</Button>
        <Button icon="exit" onClick={() => attempt(signOut)}>
          {t("signin.out")}
        </Button>
      </Menu>
      {changing && who && <ChangePassword who={who} onClose={() => setChanging(false)} />}
    </>
  );
}

/** A new password ends every session of its owner, this one too. */
function ChangePassword({ who, onClose }: { who: User; onClose: () => void }) {
  const [password, setPassword] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    const changed = await attempt(() => api.patch<User>(`/users/${who.id}`, { password }));
    if (!changed) return;
    onClose();
    user.value = null;
    notify(t("password.changed"), "good");
  };
  return (
    <Dialog title={t("password.change")} onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={t("password.new")} hint={t("password.hint")}>
          <input
            type="password"
            required
            minLength={8}
            autocomplete="new-password"
            value={password}
            onInput={(e) => setPassword(e.currentTarget.value)}
          />
        </Field>
        <Button type="submit" look="primary">
          {t("app.save")}
        </Button>
      </form>
    </Dialog>
  );
}

/** The bar of pages that belong to no project. */
export function PlainBar() {
  return (
    <header class="bar">
      <Brand />
      <span class="grow" />
      <LanguageSwitch />
      <UserMenu />
    </header>
  );
}

export function Home() {
  const [projects, setProjects] = useState<Project[] | null>(null);
  const [creating, setCreating] = useState(false);
  useEffect(() => {
    attempt(() => pages<Project>("/projects?limit=200")).then((all) => {
      if (all) setProjects(all);
    });
  }, []);

  return (
    <div class="page">
      <PlainBar />
      <main class="content">
        <header class="content-head">
          <h1>{t("projects.title")}</h1>
          <Button look="primary" icon="plus" onClick={() => setCreating(true)}>
            {t("projects.create")}
          </Button>
        </header>
        {projects === null && <Skeleton rows={3} />}
        {projects?.length === 0 && (
          <Empty icon="model" title={t("projects.none")} text={t("projects.none.text")} />
        )}
        <ul class="projects">
          {projects?.map((p) => (
            <li key={p.id}>
              <a href={`#/p/${encodeURIComponent(p.id)}/issues`} class="card project">
                <h2>{p.name}</h2>
                <p class="muted">{p.description || t("projects.no_description")}</p>
                <dl>
                  <div>
                    <dt>{t("projects.open_issues")}</dt>
                    <dd>{count(p.counts.issues_open)}</dd>
                  </div>
                  <div>
                    <dt>{t("projects.models")}</dt>
                    <dd>{count(p.counts.models)}</dd>
                  </div>
                  <div>
                    <dt>{t("projects.role")}</dt>
                    <dd>{word("role", p.role)}</dd>
                  </div>
                </dl>
                <Icon name="next" />
              </a>
            </li>
          ))}
        </ul>
      </main>
      {creating && <CreateProject onClose={() => setCreating(false)} />}
    </div>
  );
}

function CreateProject({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [crs, setCrs] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    const body = { name: name.trim(), description: description.trim(), crs: crs.trim() || null };
    const made = await attempt(() => api.post<Project>("/projects", body));
    if (made) go({ project: made.id, area: "models", issue: null });
  };
  return (
    <Dialog title={t("projects.create")} onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={t("projects.name")}>
          <input
            required
            maxLength={200}
            value={name}
            onInput={(e) => setName(e.currentTarget.value)}
          />
        </Field>
        <Field label={t("projects.description")}>
          <textarea
            rows={2}
            value={description}
            onInput={(e) => setDescription(e.currentTarget.value)}
          />
        </Field>
        <Field label={t("projects.crs")} hint={t("projects.crs.hint")}>
          <input
            placeholder="EPSG:4544"
            value={crs}
            onInput={(e) => setCrs(e.currentTarget.value)}
          />
        </Field>
        <Button type="submit" look="primary">
          {t("projects.create")}
        </Button>
      </form>
    </Dialog>
  );
}
