// The function table as text, for spreadsheets and for places where people talk.

import { amount, percent } from "../format.ts";
import { judge } from "../model/change.ts";
import type { Column } from "../model/table.ts";
import { shownRows, visibleColumns } from "./tablestate.ts";

interface Field {
  head: string;
  value(row: number): string;
}

/** All rows that are shown, as RFC 4180 has it: raw numbers, units in the first line. */
export function tableCsv(): string {
  const fields = visibleColumns(Infinity).flatMap(csvFields);
  const lines = [fields.map((field) => quote(field.head)).join(",")];
  for (const row of shownRows.value)
    lines.push(fields.map((field) => quote(field.value(row))).join(","));
  return lines.join("\r\n") + "\r\n";
}

function csvFields(column: Column): Field[] {
  const { label, unit, form } = column;
  if (form === "text") return [{ head: label, value: (row) => neutral(column.text(row)) }];
  const numbers = column.numbers();
  const number = (value: number): string => (Number.isFinite(value) ? String(value) : "");
  const named = unit === "" || unit === "count" ? label : `${label} (${unit})`;
  const fields: Field[] = [{ head: named, value: (row) => number(numbers[row]!) }];
  if (form === "amount") return fields;
  if (form === "change")
    fields.push({ head: `${label}, ratio`, value: (row) => column.text(row).replace(/x$/, "") });
  else
    fields.push({
      head: `${label} (%)`,
      value: (row) => number(Number(((numbers[row]! / column.whole) * 100).toFixed(4))),
    });
  fields.push({
    head: `${label}, error (${unit})`,
    value: (row) => number(Math.round(column.error(row) ?? NaN)),
  });
  return fields;
}

/** Spreadsheets take what begins so for a formula; names in a profile are anybody's. */
function neutral(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The first rows that are shown, as a table in Markdown. */
export function tableMarkdown(limit: number): string {
  const shown = visibleColumns(Infinity);
  const line = (cells: string[]): string => `| ${cells.join(" | ")} |`;
  const lines = [
    line(shown.map((column) => column.label)),
    line(shown.map((column) => (column.form === "text" ? "---" : "---:"))),
  ];
  const rows = shownRows.value;
  for (const row of rows.subarray(0, limit))
    lines.push(line(shown.map((column) => markdownCell(column, row))));
  if (rows.length > limit)
    lines.push(
      line(
        shown.map((column) =>
          column.id === "name" ? `${rows.length - limit} more functions, not shown` : "",
        ),
      ),
    );
  return lines.join("\n") + "\n";
}

function markdownCell(column: Column, row: number): string {
  if (column.form === "text") {
    const text = column.text(row).replace(/[\r\n]+/g, " ");
    return text.replace(/[\\`*_<>|[\]~&]/g, (mark) => `\\${mark}`);
  }
  const value = column.numbers()[row]!;
  if (Number.isNaN(value)) return "";
  const text = amount(value, column.unit);
  if (column.form === "share") return `${percent(value, column.whole)} ${text}`;
  if (column.form === "amount" || value === 0) return text;
  const verdict = judge(value, column.error(row));
  const words = verdict === "same" ? "within the error" : column.text(row);
  const doubt = verdict === "unknown" ? ", error not known" : "";
  return `${value > 0 ? "+" : ""}${text} ${words}${doubt}`;
}
