/** Who takes part in the project, as what, and how the project is set. */
import { useEffect, useState } from "preact/hooks";
import { api } from "./api";
import { t, word } from "./i18n";
import type { ProjectStore } from "./project";
import { attempt, notify, user } from "./session";
import type { Member, Project, Role, User } from "./types";
import { Button, Field, Select, Skeleton } from "./ui";

const ROLES: readonly Role[] = ["design", "site", "coordinator", "admin"];

export function Members({ store }: { store: ProjectStore }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("site");
  const members = store.members.value;
  useEffect(() => {
    store.loadMembers();
  }, [store]);
  const put = async (who: string, as: Role) => {
    const path = store.path(`/members/${encodeURIComponent(who)}`);
    const done = await attempt(() => api.put<Member>(path, { role: as }));
    await store.loadMembers();
    return done !== undefined;
  };
  const add = async (event: Event) => {
    event.preventDefault();
    if (await put(name.trim(), role)) setName("");
  };
  const remove = async (member: Member) => {
    await attempt(() => api.delete(store.path(`/members/${encodeURIComponent(member.user_id)}`)));
    await store.loadMembers();
  };
  const choices = ROLES.map((r) => ({ value: r, label: word("role", r) }));
  return (
    <>
      <header class="content-head">
        <h1>{t("area.members")}</h1>
      </header>
      <Settings store={store} />
      <header>
        <h2>{t("members.title")}</h2>
        <p class="muted">{t("members.text")}</p>
      </header>
      <form class="member-form" onSubmit={add}>
        <Field label={t("members.name")}>
          <input
            required
            value={name}
            autocapitalize="none"
            onInput={(e) => setName(e.currentTarget.value)}
          />
        </Field>
        <Select
          label={t("members.role")}
          value={role}
          choices={choices}
          onChange={(value) => setRole(value as Role)}
        />
        <Button type="submit" look="primary" icon="plus">
          {t("members.add")}
        </Button>
      </form>
      {members === null && <Skeleton rows={3} />}
      <ul class="cards">
        {members?.map((member) => (
          <li key={member.user_id} class="card row">
            <span class="avatar">
              {(member.display_name || member.name).slice(0, 1).toUpperCase()}
            </span>
            <div>
              <h2>{member.display_name || member.name}</h2>
              <p class="muted">{member.name}</p>
            </div>
            <span class="grow" />
            <Select
              bare
              label={t("members.role")}
              value={member.role}
              choices={choices}
              onChange={(value) => put(member.user_id, value as Role)}
            />
            {member.user_id !== user.value?.id && (
              <Button
                look="quiet"
                icon="close"
                aria-label={t("members.remove", { name: member.name })}
                onClick={() => remove(member)}
              />
            )}
          </li>
        ))}
      </ul>
      {user.value?.role === "admin" && <NewAccount onMade={setName} />}
      <dl class="roles">
        {ROLES.map((r) => (
          <div key={r}>
            <dt>{word("role", r)}</dt>
            <dd>{t(`role.${r}.may`)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** An account for someone who has none yet; only administrators of the service make them. */
function NewAccount({ onMade }: { onMade: (name: string) => void }) {
  const nobody = { name: "", display_name: "", password: "" };
  const [account, setAccount] = useState(nobody);
  const bound = (field: keyof typeof nobody) => ({
    name: `account-${field}`,
    value: account[field],
    onInput: (e: { currentTarget: HTMLInputElement }) =>
      setAccount({ ...account, [field]: e.currentTarget.value }),
  });
  const submit = async (event: Event) => {
    event.preventDefault();
    const body = { ...account, name: account.name.trim() };
    const made = await attempt(() => api.post<User>("/users", body));
    if (!made) return;
    notify(t("account.made", { name: made.name }), "good");
    setAccount(nobody);
    onMade(made.name);
  };
  return (
    <details class="history">
      <summary>{t("account.new")}</summary>
      <p class="muted">{t("account.text")}</p>
      <form class="member-form" onSubmit={submit}>
        <Field label={t("members.name")}>
          <input required maxLength={64} autocapitalize="none" {...bound("name")} />
        </Field>
        <Field label={t("account.display")}>
          <input maxLength={200} {...bound("display_name")} />
        </Field>
        <Field label={t("account.password")} hint={t("password.hint")}>
          <input
            type="password"
            required
            minLength={8}
            autocomplete="new-password"
            {...bound("password")}
          />
        </Field>
        <Button type="submit" icon="plus">
          {t("account.new")}
        </Button>
      </form>
    </details>
  );
}

function Settings({ store }: { store: ProjectStore }) {
  const project = store.project.value;
  // The fields begin with what the project holds: a form begun before it came would save blanks.
  return project && <SettingsForm key={project.id} store={store} project={project} />;
}

function SettingsForm({ store, project }: { store: ProjectStore; project: Project }) {
  const [name, setName] = useState(project.name);
  const [description, setDescription] = useState(project.description);
  const [crs, setCrs] = useState(project.crs ?? "");
  const [auto, setAuto] = useState(project.settings.auto_review);
  const submit = async (event: Event) => {
    event.preventDefault();
    const change = {
      name: name.trim(),
      description: description.trim(),
      crs: crs.trim() || null,
      settings: { auto_review: auto },
    };
    const etag = `"${project.version}"`;
    const reply = await attempt(() => api.patch<Project>(store.path(), change, etag));
    if (reply) notify(t("settings.saved"), "good");
    await store.loadProject();
  };
  return (
    <form class="card settings" onSubmit={submit}>
      <h2>{t("settings.title")}</h2>
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
        <input placeholder="EPSG:4545" value={crs} onInput={(e) => setCrs(e.currentTarget.value)} />
      </Field>
      <label class="check">
        <input type="checkbox" checked={auto} onChange={() => setAuto(!auto)} />
        <span>{t("settings.auto_review")}</span>
      </label>
      <Button type="submit" look="primary">
        {t("app.save")}
      </Button>
    </form>
  );
}
