import type { EgressRule } from "./refusal.ts";

/** A URL of an attacker, the addresses of its name, and the rule that rejects it. */
export interface Attack {
  url: string;
  rule: EgressRule;
  resolves?: string[];
}

/** Returns one IPv4 address in every notation that URL parsers accept. */
function spellings(a: number, b: number, c: number, d: number): string[] {
  const parts = [a, b, c, d];
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (part: number) => part.toString(16).padStart(2, "0");
  const dotted = parts.join(".");
  const fullwidth = dotted.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)));
  return [
    dotted,
    `${dotted}.`,
    String(whole),
    `0x${whole.toString(16)}`,
    `0${whole.toString(8)}`,
    parts.map((part) => `0x${hex(part)}`).join("."),
    parts.map((part) => `0${part.toString(8)}`).join("."),
    parts.map((part) => `000000${part.toString(8)}`).join("."),
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    `0x${hex(a)}.${b}.0${c.toString(8)}.${d}`,
    [...dotted].map((char) => `%${char.charCodeAt(0).toString(16)}`).join(""),
    fullwidth,
    parts.join("。"),
    parts.join("．"),
    parts.join("｡"),
    dotted.replace(".", ".\u00ad"),
    dotted.replace(".", ".\u200b"),
    `[::ffff:${dotted}]`,
    `[::ffff:${hex(a)}${hex(b)}:${hex(c)}${hex(d)}]`,
    `[0:0:0:0:0:ffff:${dotted}]`,
    `[64:ff9b::${dotted}]`,
    `[2002:${hex(a)}${hex(b)}:${hex(c)}${hex(d)}::]`,
    `[::${dotted}]`,
  ];
}

function against(rule: EgressRule, urls: string[]): Attack[] {
  return urls.map((url) => ({ url, rule }));
}

const ADDRESSES: [number, number, number, number][] = [
  [127, 0, 0, 1],
  [10, 0, 0, 1],
  [172, 16, 0, 1],
  [192, 168, 1, 1],
  [169, 254, 169, 254],
  [100, 100, 100, 200],
];

const MORE_ADDRESSES = [
  ...["0", "0.0.0.0", "0x0", "127.255.255.254", "169.254.170.2", "100.64.0.1"],
  ...["168.63.129.16", "192.0.0.192", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"],
  ...["192.0.2.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "172.31.255.255", "①②⑦.⓪.⓪.①"],
  ...["[::1]", "[::]", "[0000::0001]", "[fe80::1]", "[fec0::1]", "[fc00::1]", "[fd00:ec2::254]"],
  ...["[fd20:ce::254]", "[ff02::1]", "[100::1]", "[2001:db8::1]", "[2001::1]", "[3fff::1]"],
  ...["[64:ff9b:1::1]", "[5f00::1]", "[::ffff:0:127.0.0.1]", "[4000::1]", "[2001:10::1]"],
];

const RESERVED_NAMES = [
  ...["foo.localhost", "db.local", "metadata.google.internal", "host.docker.internal"],
  ...["metadata.goog", "www.metadata.goog", "router.lan", "printer.home.arpa", "x.home", "a.corp"],
  ...["wiki.intranet", "db.private", "abc.onion", "x.invalid", "x.test", "1.0.0.127.in-addr.arpa"],
  ...["FOO.LOCALHOST", "api.svc.cluster.local", "a.localdomain", "ⓕoo.localhost"],
];

const MALFORMED_NAMES = [
  ...["localhost", "LOCALHOST", "localhost.", "localhost..", "127.0.0.1..", "kong", "db", "rest"],
  ...["auth", "example.com.", "a..example.com", "-a.example.com", "a_b.example.com", "ⓛocalhost"],
  ...["metadata", "instance-data", `${"a".repeat(64)}.example.com`, "foo.localhost."],
];

const UNPARSABLE = [
  ...["", "https://", "https:// example.com/", "https://exa mple.com/", "//127.0.0.1/", "/etc"],
  ...["https://127.0.0.1%00.example.com/", "https://[::1%25lo]/", "https://[fe80::1%eth0]/"],
  ...["https://example.com\r\nhost: 127.0.0.1/", "https://exam\tple.com/", "https://a\0b.com/"],
  ...[
    "https://256.256.256.256/",
    "https://1.2.3.4.5/",
    "https://0x100000000/",
    "https://08.1.1.1/",
  ],
  ...[" https://api.example.com/", "https://api.example.com/\x7f", "https://api%2eexample.com:x/"],
  ...["https://api.example.com:65536/", "https://[127.0.0.1]/", "https://api.example.com%40evil/"],
  `https://api.example.com/${"a".repeat(2_048)}`,
];

const SCHEMES = [
  ...["file:///etc/passwd", "ftp://api.example.com/", "gopher://127.0.0.1:6379/_x", "data:,x"],
  ...["javascript:alert(1)", "blob:https://api.example.com/x", "ws://api.example.com/", "about:x"],
  ...["dict://127.0.0.1:11211/", "ldap://127.0.0.1/", "jar:http://127.0.0.1!/", "unix:/var/run/x"],
];

const USERINFO = [
  ...["https://api.example.com@127.0.0.1/", "https://a:b@api.example.com/", "https://a@127.0.0.1/"],
  ...["https://api.example.com%2f@evil.example/", "https://:x@api.example.com/"],
];

/**
 * URLs in which parsers that split a text by hand find `api.example.com`. A connection would go
 * elsewhere.
 */
const CONFUSIONS = [
  ...["https:127.0.0.1", "https:/127.0.0.1/", "https:\\\\127.0.0.1\\", "https:///127.0.0.1/"],
  ...["https://127.0.0.1#@api.example.com/", "https://127.0.0.1?@api.example.com/"],
  ...["https://127.0.0.1\\@api.example.com/", "https://127.0.0.1:443\\.api.example.com/"],
  ...["https:////127.0.0.1/", "HTTPS://127.0.0.1/", "https://127.0.0.1/?x=api.example.com"],
];

const PORTS = [22, 25, 53, 445, 2375, 5432, 6379, 6543, 11_211, 27_017];

const REBOUND: [string, string[]][] = [
  ["127.0.0.1.nip.io", ["127.0.0.1"]],
  ["localtest.me", ["127.0.0.1"]],
  ["7f000001.rbndr.example", ["93.184.216.34", "127.0.0.1"]],
  ["mixed.example.com", ["93.184.216.34", "2606:2800:220:1::1", "10.0.0.1"]],
  ["mapped.example.com", ["::ffff:127.0.0.1"]],
  ["six.example.com", ["::1"]],
  ["metadata.example.com", ["169.254.169.254"]],
  ["zone.example.com", ["fe80::1%eth0"]],
  ["nothing.example.com", ["not-an-address"]],
  ["short.example.com", ["127.1"]],
];

/** Every attack on the URL, each with the rule that has to reject it. */
export const ATTACKS: readonly Attack[] = [
  ...against("egress_address_not_public", [
    ...ADDRESSES.flatMap((parts) => spellings(...parts)).map((host) => `https://${host}/`),
    ...MORE_ADDRESSES.map((host) => `https://${host}/`),
    ...CONFUSIONS,
  ]),
  ...against("egress_host_reserved", RESERVED_NAMES.map((name) => `https://${name}/`)),
  ...against("egress_host_invalid", MALFORMED_NAMES.map((name) => `https://${name}/`)),
  ...against("egress_url_invalid", UNPARSABLE),
  ...against("egress_scheme_not_allowed", SCHEMES),
  ...against("egress_userinfo_not_allowed", USERINFO),
  ...against("egress_port_not_allowed", PORTS.map((port) => `https://api.example.com:${port}/`)),
  ...against("egress_own_project", [
    "https://abcdefghijklmnopqrst.supabase.co/functions/v1/enqueue",
    "https://ABCDEFGHIJKLMNOPQRST.supabase.co/rest/v1/",
    "https://abcdefghijklmnopqrst.functions.supabase.co/worker",
    "https://db.abcdefghijklmnopqrst.supabase.co/",
  ]),
  ...REBOUND.map(([name, resolves]): Attack => ({
    url: `https://${name}/`,
    rule: "egress_address_not_public",
    resolves,
  })),
];
