import { execFileSync } from 'node:child_process'
import { basename } from 'node:path'

/** What `test` does, in this order: the suffix of a test's file says in which of the last three it runs. */
export const stages = ['checks', 'pure', 'integration', 'e2e'] as const
export type Stage = (typeof stages)[number]

export type TestFiles = Readonly<Record<'pure' | 'integration' | 'endToEnd', string[]>>

/** The files of tests whose path holds one of these parts, all where none is named, of the stages that are wanted. */
export function testFiles(parts: readonly string[], isWanted: (stage: Stage) => boolean = () => true): TestFiles {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  const gone = new Set(execFileSync('git', ['ls-files', '--deleted'], { encoding: 'utf8' }).split('\n'))
  const wanted = listed
    .split('\n')
    .filter((path) => path.endsWith('test.ts') && !gone.has(path))
    .filter((path) => parts.length === 0 || parts.some((part) => path.includes(part)))
    .sort()
  const ending = (suffix: string, of: Stage) =>
    isWanted(of) ? wanted.filter((path) => basename(path).endsWith(suffix)) : []
  const endToEnd = longestFirst(ending('.e2e-test.ts', 'e2e'))
  return { pure: ending('.test.ts', 'pure'), integration: ending('.int-test.ts', 'integration'), endToEnd }
}

/** A file that was begun last and takes longest would run alone at the end. */
function longestFirst(paths: string[]): string[] {
  const isLong = (path: string) =>
    ['pages', 'import', 'start', 'torture'].some((name) => basename(path).startsWith(name))
  return [...paths.filter(isLong), ...paths.filter((path) => !isLong(path))]
}
