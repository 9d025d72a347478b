/** A table in Markdown, its columns but the first to the right. */
export const markdownTable = (titles, rows) =>
  [titles, titles.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
