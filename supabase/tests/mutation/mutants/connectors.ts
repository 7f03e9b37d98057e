import { chapter, type Mutant } from "../mutant.ts";

const verify = "shared/core/webhook/verify.ts";
const address = "shared/core/egress/address.ts";

/** Faults in connectors: secrets, webhooks in, calls out. */
export const connectors: Mutant[] = [
  {
    name: "a service revokes secrets without naming the tenant",
    file: chapter("secret_changes"),
    find: "callers_tenant(p_tenant_id);\n  v_now constant timestamptz := jobforge.clock();\n" +
      "  v_versions int[];",
    replace: "callers_tenant(coalesce(p_tenant_id, gen_random_uuid()));\n" +
      "  v_now constant timestamptz := jobforge.clock();\n  v_versions int[];",
    tests: ["rights/services_always_name_the_tenant.test.sql"],
  },
  {
    name: "a webhook counts whatever its signature",
    file: verify,
    find: "if (!signed || !await hasBody(claim, request.body))",
    replace: "if (!await hasBody(claim, request.body))",
    tests: ["shared/core/webhook/verify_test.ts"],
  },
  {
    name: "a webhook does not grow old",
    file: verify,
    find: "claim.sentAt !== undefined && !isNear(claim.sentAt, nowSeconds, toleranceSeconds)",
    replace: "claim.sentAt === -1",
    tests: ["shared/core/webhook/verify_test.ts"],
  },
  {
    name: "a call out reaches the host's own services",
    file: address,
    find: '  "168.63.129.16/32",',
    replace: "",
    tests: ["shared/core/egress/address_test.ts"],
  },
  {
    name: "a call out reaches private networks",
    file: address,
    find: '  "192.168.0.0/16",',
    replace: "",
    tests: ["shared/core/egress/address_test.ts"],
  },
  {
    name: "a call out reaches IPv6 that is mapped or local",
    file: address,
    find: "inAnyRange(address, GLOBAL_V6) && !inAnyRange(address, BLOCKED_V6)",
    replace: "!inAnyRange(address, BLOCKED_V6)",
    tests: ["shared/core/egress/address_test.ts"],
  },
];
