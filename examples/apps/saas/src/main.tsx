import type { Session } from "@supabase/supabase-js";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { Reports } from "./reports.tsx";
import { SignIn } from "./sign_in.tsx";
import { companyOf, supabase } from "./supabase.ts";

function App() {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    const { data } = supabase.auth.onAuthStateChange((_event, next) => setSession(next));
    return () => data.subscription.unsubscribe();
  }, []);
  return companyOf(session) ? <Reports /> : <SignIn />;
}

createRoot(document.getElementById("app")!).render(<StrictMode><App /></StrictMode>);
