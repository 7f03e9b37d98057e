"use client";
import { greet } from "@/lib/jobs";

export default function Page() {
  return <button onClick={() => greet("Ada")}>Greet</button>;
}
