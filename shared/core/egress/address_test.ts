import assert from "node:assert/strict";
import { isPublicAddress } from "./address.ts";
import { canonicalAddress, inAnyRange, parseRange } from "./cidr.ts";

const PUBLIC = [
  ...["1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "93.184.216.34", "100.63.255.255"],
  ...["100.128.0.0", "126.255.255.255", "128.0.0.0", "168.63.129.15", "168.63.129.17"],
  ...["169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255"],
  ...["192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255"],
  ...["192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0"],
  ...["203.0.112.255", "203.0.114.0", "223.255.255.255", "1.0.0.0"],
  ...["2000::", "2001:200::1", "2001:4860:4860::8888", "2001:db7::1", "2001:db9::1", "2003::1"],
  ...["2606:4700:4700::1111", "2A00:1450:4001:81B::200E", "3ffe::1", "3fff:1000::1"],
];

/** The first and last address of every block, and IPv4 addresses hidden in IPv6. */
const NOT_PUBLIC = [
  ...["0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255"],
  ...["127.0.0.0", "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.255.255"],
  ...["172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.0", "192.0.2.255"],
  ...["192.88.99.0", "192.88.99.255", "192.168.0.0", "192.168.255.255", "198.18.0.0"],
  ...["198.19.255.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255"],
  ...["224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255"],
  ...["::", "::1", "::ffff:8.8.8.8", "::ffff:808:808", "::8.8.8.8", "::ffff:0:8.8.8.8"],
  ...["64:ff9b::808:808", "64:ff9b:1::1", "100::1", "1fff:ffff::", "2001::1", "2001:1ff::1"],
  ...["2001:db8::", "2001:db8:ffff::1", "2002::1", "2002:808:808::", "3fff::", "3fff:fff::1"],
  ...["4000::", "5f00::1", "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1"],
  ...["fd00:ec2::254", "fd20:ce::254", "FE80::1"],
];

const NO_ADDRESS = [
  ...["", "1", "1.1.1", "1.1.1.1.", "1.1.1.1.1", ".1.1.1.1", "01.1.1.1", "1.1.1.256", "0x1.1.1.1"],
  ...["1.1.1.1 ", " 1.1.1.1", "1.1.1.1/8", "1.1.1.1\n", "１.1.1.1", "one.one.one.one", "1e1.1.1.1"],
  ...["2606:4700", "2606::4700::1", "2606:4700::1%eth0", "[2606:4700::1]", "2606:4700::g", ":::"],
  ...["2606:4700::1/128", "2606:4700::1 ", "2606:4700::1.1.1", "12345::1", "2606:4700::1]#[::1"],
];

for (const address of PUBLIC) {
  Deno.test(`${address} is public`, () => assert.equal(isPublicAddress(address), true));
}

Deno.test(`${NOT_PUBLIC.length} edges of the blocks are not public`, () => {
  assert.deepEqual(NOT_PUBLIC.filter(isPublicAddress), []);
  assert.deepEqual(NOT_PUBLIC.filter((text) => canonicalAddress(text) === undefined), []);
});

Deno.test(`${NO_ADDRESS.length} texts are no address, and so not public`, () => {
  assert.deepEqual(NO_ADDRESS.filter(isPublicAddress), []);
  assert.deepEqual(NO_ADDRESS.filter((text) => canonicalAddress(text) !== undefined), []);
});

Deno.test("an address has one spelling to compare by", () => {
  assert.equal(canonicalAddress("2606:4700:0:0::1111"), "2606:4700::1111");
  assert.equal(canonicalAddress("2606:4700::ABCD"), "2606:4700::abcd");
  assert.equal(canonicalAddress("::ffff:127.0.0.1"), "::ffff:7f00:1");
  assert.equal(canonicalAddress("1.2.3.4"), "1.2.3.4");
});

Deno.test("a range ends at its last bit, and is of one family", () => {
  const within = (address: string, range: string) => inAnyRange(address, [parseRange(range)]);
  assert.equal(within("10.1.2.3", "10.1.2.3/32"), true);
  assert.equal(within("10.1.2.2", "10.1.2.3/32"), false);
  assert.equal(within("10.1.2.127", "10.1.2.0/25"), true);
  assert.equal(within("10.1.2.128", "10.1.2.0/25"), false);
  assert.equal(within("255.255.255.255", "0.0.0.0/0"), true);
  assert.equal(within("::1", "0.0.0.0/0"), false);
  assert.equal(within("1.2.3.4", "::/0"), false);
  assert.equal(within("2001:db8:8000::", "2001:db8::/33"), false);
  assert.equal(within("nonsense", "0.0.0.0/0"), false);
});

Deno.test("what is not a range is refused", () => {
  for (const text of ["10.0.0.0", "10.0.0.0/33", "::/129", "x/8", "10.0.0.0/-1", "10.0.0.0/", ""]) {
    assert.throws(() => parseRange(text), RangeError);
  }
});
