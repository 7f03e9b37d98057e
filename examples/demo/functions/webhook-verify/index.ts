import "../../../../supabase/functions/webhook-verify/index.ts";
