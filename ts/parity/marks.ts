/**
 * Marks at the start of a test title: `[lxmf/lxmessage-pack]` names a row of the parity data, and
 * `[lxmf/lxmessage-send:paper]` one named part of it. Several marks may follow each other. @module
 */

const MARK = /^\[([a-z0-9][a-z0-9/._-]*(?::[a-z0-9][a-z0-9._-]*)?)\]\s*/;

/** Split leading `[row/id]` and `[row/id:part]` marks off a title; a mark keeps its part. */
export function splitTitle(title: string): { rows: string[]; text: string } {
  const rows: string[] = [];
  let text = title;
  for (let match = MARK.exec(text); match !== null; match = MARK.exec(text)) {
    rows.push(match[1] as string);
    text = text.slice(match[0].length);
  }
  return { rows, text };
}

/** The row and, where the mark names one, the part. */
export function splitMark(mark: string): { row: string; part: string | undefined } {
  const at = mark.indexOf(':');
  if (at < 0) return { row: mark, part: undefined };
  return { row: mark.slice(0, at), part: mark.slice(at + 1) };
}
