/** A certificate for one name with its key, and the authority that signed it, as PEM. */
export interface FakeCertificate {
  authority: string;
  certificate: string;
  key: string;
}

const KEYS = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" } as const;

/** Creates a certificate that is trusted only with its own authority. It is valid until 2049. */
export async function fakeCertificate(
  name: string,
  until = "491231235959Z",
): Promise<FakeCertificate> {
  const authority = await newKeys();
  const own = await newKeys();
  const isAuthority = sequence(OID.basicConstraints, TRUE, octets(sequence(TRUE)));
  const alternativeName = sequence(OID.alternativeName, octets(sequence(tagged(0x82, text(name)))));
  const issuer = "JobForge test authority";
  const key = await crypto.subtle.exportKey("pkcs8", own.privateKey);
  return {
    authority: await sign(issuer, issuer, authority, isAuthority, authority.publicKey),
    certificate: await sign(issuer, name, authority, alternativeName, own.publicKey, until),
    key: pem("PRIVATE KEY", new Uint8Array(key)),
  };
}

async function newKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(KEYS, true, ["sign", "verify"]) as CryptoKeyPair;
}

async function sign(
  issuer: string,
  subject: string,
  by: CryptoKeyPair,
  extension: Uint8Array,
  publicKey: CryptoKey,
  until = "491231235959Z",
): Promise<string> {
  const algorithm = sequence(OID.ecdsaWithSha256);
  const body = sequence(
    tagged(0xa0, integer([2])),
    integer(crypto.getRandomValues(new Uint8Array(16))),
    algorithm,
    nameOf(issuer),
    sequence(tagged(0x17, text("250101000000Z")), tagged(0x17, text(until))),
    nameOf(subject),
    new Uint8Array(await crypto.subtle.exportKey("spki", publicKey)),
    tagged(0xa3, sequence(extension)),
  );
  const raw = new Uint8Array(
    await crypto.subtle.sign(SIGNATURE, by.privateKey, body as BufferSource),
  );
  const signature = sequence(integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
  const bits = tagged(0x03, [0, ...signature]);
  return pem("CERTIFICATE", sequence(body, algorithm, bits));
}

const OID = {
  ecdsaWithSha256: tagged(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]),
  commonName: tagged(0x06, [0x55, 0x04, 0x03]),
  basicConstraints: tagged(0x06, [0x55, 0x1d, 0x13]),
  alternativeName: tagged(0x06, [0x55, 0x1d, 0x11]),
};
const TRUE = tagged(0x01, [0xff]);

function nameOf(commonName: string): Uint8Array {
  return sequence(tagged(0x31, sequence(OID.commonName, tagged(0x0c, text(commonName)))));
}

function sequence(...parts: Uint8Array[]): Uint8Array {
  return tagged(0x30, parts.flatMap((part) => [...part]));
}

function octets(content: Uint8Array): Uint8Array {
  return tagged(0x04, content);
}

/** A positive integer: no needless zeros in front, but one before a high bit. */
function integer(bytes: ArrayLike<number>): Uint8Array {
  const digits = Array.from(bytes);
  while (digits.length > 1 && digits[0] === 0) digits.shift();
  return tagged(0x02, digits[0]! > 0x7f ? [0, ...digits] : digits);
}

/** A value of DER: tag, length, content. */
function tagged(tag: number, content: ArrayLike<number>): Uint8Array {
  const { length } = content;
  const size = length < 0x80
    ? [length]
    : length < 0x100
    ? [0x81, length]
    : [0x82, length >> 8, length & 0xff];
  return Uint8Array.from([tag, ...size, ...Array.from(content)]);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...bytes)).match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
