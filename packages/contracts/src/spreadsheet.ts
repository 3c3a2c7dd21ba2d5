/**
 * What a spreadsheet takes for the beginning of a formula, full-width forms included: at the start of a cell, and behind a
 * semicolon, which separates cells in many countries.
 */
const FORMULA = /^(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])|;(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/** A cell's text that no spreadsheet runs: a formula is made a text by an apostrophe. */
export function spreadsheetText(text: string): string {
  return text.replace(FORMULA, "$&'");
}
