import { type FormEvent, useState } from "react";
import { supabase } from "./supabase.ts";

interface Account {
  email: string;
  password: string;
  /** Name of a new company, or empty for a user who has one. */
  company: string;
}

/** Signs in, or signs up as the first user of a new company, which is a tenant of JobForge. */
async function enter({ email, password, company }: Account): Promise<string | undefined> {
  if (!company) return (await supabase.auth.signInWithPassword({ email, password })).error?.message;
  const { error } = await supabase.auth.signUp({ email, password });
  if (error) return error.message;
  const created = await supabase.rpc("create_company", { p_name: company });
  if (created.error) return created.error.message;
  // The token so far has no tenant.
  return (await supabase.auth.refreshSession()).error?.message;
}

export function SignIn() {
  const [message, setMessage] = useState<string>();
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.currentTarget)) as unknown as Account;
    setMessage(await enter(fields));
  }
  return (
    <form onSubmit={submit}>
      <label>Email <input name="email" type="email" required /></label>
      <label>Password <input name="password" type="password" required /></label>
      <label>New company <input name="company" /></label>
      <button>Enter</button>
      <p role="alert">{message}</p>
    </form>
  );
}
