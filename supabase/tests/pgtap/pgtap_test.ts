import { runFolders } from "./suite.ts";

Deno.test("pgTAP", (t) => runFolders(t, ["."]));
