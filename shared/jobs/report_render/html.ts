/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Template for HTML: every value is escaped unless it is Html itself. */
export function html(parts: TemplateStringsArray, ...values: (string | Html | Html[])[]): Html {
  const text = parts.reduce((whole, part, index) => whole + rendered(values[index - 1]) + part);
  return new Html(text);
}

function rendered(value: string | Html | Html[] | undefined): string {
  if (Array.isArray(value)) return value.map((part) => part.text).join("");
  if (value instanceof Html) return value.text;
  return (value ?? "").replace(/[&<>"']/g, (char) => ENTITIES[char]!);
}
