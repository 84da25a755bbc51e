/** The app: who is signed in decides between the sign-in, the projects and one project. */
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { Home, SignIn } from "./home";
import { t } from "./i18n";
import { place, resume, user } from "./session";
import { Notices, Skeleton } from "./ui";
import { Workspace } from "./workspace";
import "./base.css";
import "./screens.css";
import "./map.css";
import "./timeline.css";

function App() {
  useEffect(() => {
    resume();
  }, []);
  useEffect(() => {
    document.title = `${t("app.name")} · ${t("app.subtitle")}`;
  });
  const who = user.value;
  const project = place.value.project;
  return (
    <>
      {who === undefined && <Skeleton rows={4} />}
      {who === null && <SignIn />}
      {who && !project && <Home />}
      {who && project && <Workspace key={`${who.id}/${project}`} project={project} />}
      <Notices />
    </>
  );
}

const root = document.getElementById("app");
if (root) render(<App />, root);
