/** A file of the repository, as the rules look at it. */
export type Source = { path: string; text: string }

export const isCode = (path: string) => /\.tsx?$/.test(path)
export const isTest = (path: string) =>
  /(\.test|\.int-test|\.e2e-test|\.contract|\.fixture|-under-test)\.tsx?$/.test(path) ||
  /(^|\/)test-[^/]+\.ts$/.test(path)

/** A finding names file, line and what to do instead. */
export const finding = (path: string, line: number, advice: string) => `${path}:${line} ${advice}`

const importPattern = /(?:^(?:import|export)\s[\w\s,{}*$]*?\bfrom\s+|^import\s+|\bimport\s*\(\s*)'([^'\n]+)'/gm

/** What a file imports, or hands on from elsewhere, as it is written there, with the lines; texts are none of it. */
export function specifiersIn(text: string): { readonly specifier: string; readonly line: number }[] {
  return [...text.matchAll(importPattern)].map((match) => ({
    specifier: match[1] ?? '',
    line: text.slice(0, match.index + match[0].length).split('\n').length,
  }))
}
