import { packageOf } from './tidy-imports.ts'

/** Of one file, as Node counts it. */
export type FileCoverage = {
  readonly path: string
  readonly totalLineCount: number
  readonly coveredLineCount: number
  readonly totalBranchCount: number
  readonly coveredBranchCount: number
}
export type Share = { readonly name: string; readonly lines: Ratio; readonly branches: Ratio }
type Ratio = { readonly covered: number; readonly total: number }

/** What was counted of each package, and of all of them as the last row. A file that no test loads is in no row. */
export function packageShares(files: readonly FileCoverage[]): readonly Share[] {
  const groups = Map.groupBy(files, ({ path }) => packageOf(path) ?? '.ci')
  const rows = Array.from(groups, ([name, own]) => shareOf(name, own))
  return [...rows.toSorted((one, other) => one.name.localeCompare(other.name)), shareOf('all', files)]
}

function shareOf(name: string, files: readonly FileCoverage[]): Share {
  const sum = (of: (file: FileCoverage) => number) => files.reduce((total, file) => total + of(file), 0)
  return {
    name,
    lines: { covered: sum((file) => file.coveredLineCount), total: sum((file) => file.totalLineCount) },
    branches: { covered: sum((file) => file.coveredBranchCount), total: sum((file) => file.totalBranchCount) },
  }
}

/** As docs have it: a row a package, in percent rounded down, so that 100 is all. */
export function coverageTable(shares: readonly Share[]): string {
  const rows = shares.map(({ name, lines, branches }) => `| ${name} | ${percent(lines)} | ${percent(branches)} |`)
  return ['| package | lines, % | branches, % |', '| --- | --- | --- |', ...rows].join('\n')
}

function percent({ covered, total }: Ratio): string {
  return total === 0 ? '' : (Math.floor((covered / total) * 1000) / 10).toFixed(1)
}
