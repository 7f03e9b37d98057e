import type { Bytes } from "../encoding/bytes.ts";
import { formMembers, isForm } from "./form.ts";
import type { Scheme, SignedRequest } from "./scheme.ts";
import { memberOf } from "./strict.ts";

/**
 * Returns a verified body as JSON or as the members of a form, or undefined when it is neither.
 * Where a sender puts its JSON into a member of a form, the result is that JSON.
 */
export function readBody(
  { formMember }: Pick<Scheme, "formMember">,
  request: SignedRequest,
  parseJson: (body: Bytes) => unknown,
): unknown {
  if (request.method === "GET") return formMembers(request.query);
  const json = parseJson(request.body);
  if (json !== undefined || !isForm(request)) return json;
  const members = formMembers(request.body);
  const names = members && Object.keys(members);
  if (!formMember || names?.length !== 1) return members;
  const event = memberOf(members, formMember);
  if (typeof event !== "string") return members;
  return parseJson(new TextEncoder().encode(event)) ?? members;
}
