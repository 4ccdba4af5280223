/** A table of Markdown; a cell without anything is empty. */
export function tableOf(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

/** As code, parted by commas. */
export function codes(names: Iterable<string>): string {
  return [...names].map((name) => `\`${name}\``).join(', ')
}
