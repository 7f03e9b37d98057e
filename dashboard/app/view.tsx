/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { type ComponentType, render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { VERSION, versionProblem } from "../../shared/core/version.ts";
import { type Dashboard, DashboardContext, useDashboard, useRoute } from "./context.ts";
import { AuditPage } from "./pages/audit.tsx";
import { BulkPage } from "./pages/bulk.tsx";
import { DestinationsPage } from "./pages/destinations.tsx";
import { JobPage } from "./pages/job.tsx";
import { JobsPage } from "./pages/jobs.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { QueuesPage } from "./pages/queues.tsx";
import { SchedulesPage } from "./pages/schedules.tsx";
import { WebhooksPage } from "./pages/webhooks.tsx";
import { Link } from "./parts/basics.tsx";

const PAGES = [
  { path: "", title: "Overview" },
  { path: "jobs", title: "Jobs" },
  { path: "queues", title: "Queues" },
  { path: "bulk", title: "Retry" },
  { path: "schedules", title: "Schedules" },
  { path: "webhooks", title: "Webhooks" },
  { path: "destinations", title: "Destinations" },
  { path: "audit", title: "Audit" },
] as const;

const BY_PATH: Record<string, ComponentType> = {
  "": OverviewPage,
  jobs: JobsPage,
  queues: QueuesPage,
  bulk: BulkPage,
  schedules: SchedulesPage,
  webhooks: WebhooksPage,
  destinations: DestinationsPage,
  audit: AuditPage,
};

/** Renders a view in an element. Returns a function that removes it. */
export function showView(element: Element, dashboard: Dashboard): () => void {
  element.classList.add("jobforge");
  render(
    <DashboardContext.Provider value={dashboard}>
      <View />
    </DashboardContext.Provider>,
    element,
  );
  return () => render(null, element);
}

function View() {
  const { path: [page = "", ...rest] } = useRoute();
  const { api } = useDashboard();
  const body = useRef<HTMLDivElement>(null);
  const place = [page, ...rest].join("/");
  const first = useRef(true);
  useEffect(() => {
    // The focus follows a link to the new page, for keyboards and screen readers.
    if (!first.current) body.current?.focus();
    first.current = false;
  }, [place]);
  return (
    <>
      <header>
        <Link to="/" class="brand">JobForge</Link>
        <nav aria-label="Pages">
          {PAGES.map(({ path, title }) => (
            <Link to={`/${path}`} current={page === path}>{title}</Link>
          ))}
        </nav>
        <span class="quiet">{api.operator ? "operator" : "your jobs"}</span>
      </header>
      {api.operator && <VersionProblem />}
      <div ref={body} tabIndex={-1} class="body">{pageFor(page, rest)}</div>
    </>
  );
}

/** A line for the operator while this page does not fit the schema of the project. */
function VersionProblem() {
  const { api } = useDashboard();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    api.call<string>("jobforge_schema_version").then(
      (schema) => setProblem(versionProblem("this dashboard", VERSION, schema)),
      // The page itself shows why nothing can be reached.
      () => {},
    );
  }, [api]);
  return problem ? <p role="alert" class="failure">{problem}</p> : null;
}

function pageFor(page: string, [first, second]: string[]) {
  if (page === "jobs" && first && second) return <JobPage tenant={first} id={second} />;
  const Page = Object.hasOwn(BY_PATH, page) && first === undefined ? BY_PATH[page] : undefined;
  return Page ? <Page /> : <Unknown />;
}

function Unknown() {
  return (
    <main>
      <h1>No such page</h1>
      <p>
        This address leads nowhere. <Link to="/">Go to the overview.</Link>
      </p>
    </main>
  );
}
