/** Ports of other protocols, where an HTTP request could be taken for a command. */
export const NOT_HTTP: ReadonlySet<number> = new Set([
  ...[0, 1, 7, 9, 13, 19, 20, 21, 22, 23, 25, 37, 43, 53, 69, 79, 110, 111, 113, 119, 123, 135],
  ...[137, 138, 139, 143, 161, 162, 179, 389, 427, 445, 465, 512, 513, 514, 515, 540, 548, 554],
  ...[587, 601, 636, 873, 989, 990, 993, 995, 1080, 1433, 1521, 1719, 1720, 1723, 2049, 2181],
  ...[2375, 2376, 3128, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5433, 5672, 5900, 6000],
  ...[6379, 6380, 6432, 6543, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 9042, 9092, 9300, 10080],
  ...[11211, 27017],
]);

/** Returns whether a policy may allow a port. */
export function isHttpPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536 && !NOT_HTTP.has(port);
}
