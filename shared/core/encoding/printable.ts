/**
 * Returns text on one line and at most `maxLength` characters long. Characters that cannot be seen,
 * or that change how others are shown, become `·`.
 */
export function printable(text: string, maxLength: number): string {
  const characters = [...text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "·")];
  if (characters.length <= maxLength) return characters.join("");
  return `${characters.slice(0, maxLength - 1).join("")}…`;
}
