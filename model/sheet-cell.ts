/**
 * A cell's text for what people open in a spreadsheet: what would run as a formula is kept as text
 * by an apostrophe in front, since names come from attackers (OWASP, "CSV Injection"). A signed
 * number is none.
 */
export const sheetCell = (text: string): string =>
  /^(?:[=@\t\r]|[+-](?![\d.]+$))/.test(text) ? `'${text}` : text
