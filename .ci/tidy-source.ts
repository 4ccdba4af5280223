/** A file of the repository, as the rules look at it. */
export type Source = { path: string; text: string }

export const isCode = (path: string) => /\.tsx?$/.test(path)
export const isTest = (path: string) =>
  /(\.test|\.int-test|\.e2e-test|\.contract|\.fixture|-under-test)\.tsx?$/.test(path) ||
  /(^|\/)test-[^/]+\.ts$/.test(path)

/** A finding names file, line and what to do instead. */
export const finding = (path: string, line: number, advice: string) => `${path}:${line} ${advice}`
