import { type FormEvent, useCallback, useEffect, useState } from "react";
import { jobforge, renderReport } from "./jobs.ts";
import { supabase } from "./supabase.ts";

type Jobs = Awaited<ReturnType<ReturnType<typeof jobforge.listJobs>["page"]>>["jobs"];

export function Reports() {
  const [jobs, setJobs] = useState<Jobs>([]);
  const [percent, setPercent] = useState<number>();
  const [message, setMessage] = useState("");
  const list = useCallback(async () => {
    setJobs((await jobforge.listJobs({ type: "report.render" }).page()).jobs);
  }, []);
  useEffect(() => void list(), [list]);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const title = String(new FormData(event.currentTarget).get("title"));
    setPercent(0);
    setMessage(await renderReport(title, setPercent).catch((error: Error) => error.message));
    setPercent(undefined);
    await list();
  }
  return (
    <main>
      <form onSubmit={submit}>
        <label>Title <input name="title" /></label>
        <button disabled={percent !== undefined}>Render</button>
      </form>
      {percent !== undefined && <progress max={100} value={percent}>{percent} %</progress>}
      <p role="status">{message}</p>
      <ul>{jobs.map(({ id, status }) => <li key={id}>report: {status}</li>)}</ul>
      <button onClick={() => supabase.auth.signOut()}>Sign out</button>
    </main>
  );
}
