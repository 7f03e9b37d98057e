import { createClient, type Session } from "@supabase/supabase-js";

const { VITE_SUPABASE_URL, VITE_SUPABASE_PUBLISHABLE_KEY } = import.meta.env;

export const supabase = createClient(VITE_SUPABASE_URL, VITE_SUPABASE_PUBLISHABLE_KEY);

/** The tenant of a session, or undefined for a user who has none yet. */
export function companyOf(session: Session | null): string | undefined {
  return session?.user.app_metadata["tenant_id"];
}
