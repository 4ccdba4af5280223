import { basename } from 'node:path/posix'
import { importsOf } from './tidy-imports.ts'
import { finding, isCode, isTest, type Source } from './tidy-source.ts'

function eachLine({ path, text }: Source, check: (line: string) => string | undefined): string[] {
  return text.split('\n').flatMap((line, index) => {
    const advice = check(line)
    return advice === undefined ? [] : [finding(path, index + 1, advice)]
  })
}

export function vagueName({ path }: Source): string[] {
  if (!/(^|\/)(utils?|helpers?|common|misc)(\/|\.[a-z-]+)/.test(path)) return []
  return [finding(path, 1, 'has a name that says nothing: name it for what it holds')]
}

export function barrel({ path, text }: Source): string[] {
  if (!/(^|\/)index\.tsx?$/.test(path)) return []
  const rest = text
    .replace(/export\s+(type\s+)?(\*|\{[^}]*\})(\s+as\s+\w+)?\s+from\s+'[^']+';?/g, '')
    .replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '')
  return rest.trim() === '' ? [finding(path, 1, 'only re-exports: import from the file itself')] : []
}

type Banned = { pattern: RegExp; instead: string; applies(path: string): boolean }

const ownsItsClock = (path: string) =>
  path === 'deploy/runtime/clock.ts' ||
  path.startsWith('ui/') ||
  path.startsWith('.ci/') ||
  path.startsWith('bench/') ||
  isTest(path)
/** What a simulation runs on a clock of its own. */
const takesItsTimers = (path: string) => /^(write-side|projections|deploy\/runtime)\//.test(path) && !ownsItsClock(path)
/** Tests, proofs and measurements reach a database in any way they like. */
const bindsItself = (path: string) =>
  path !== 'deploy/runtime/pool.ts' && !isTest(path) && !/^(bench|deploy\/proof|\.ci)\//.test(path)
const mayPrint = (path: string) => /^(deploy\/(local|cli)|bench|\.ci)\//.test(path)
const clock: Pick<Banned, 'applies'> = { applies: (path) => !ownsItsClock(path) }
const everywhere: Pick<Banned, 'applies'> = { applies: () => true }

export const bannedWords: Banned[] = [
  { pattern: /\bDate\.now\(/, instead: 'use nowMs() of deploy/runtime/clock', ...clock },
  { pattern: /\bnew Date\(\)/, instead: 'use nowMs() of deploy/runtime/clock', ...clock },
  { pattern: /\bMath\.random\(/, instead: 'use randomId() of deploy/runtime/clock', ...clock },
  { pattern: /\brandomUUID\b/, instead: 'use randomId() of deploy/runtime/clock', ...clock },
  {
    pattern: /\b(set|clear)(Timeout|Interval|Immediate)\b|\bAbortSignal\.timeout\(|'(node:)?timers(\/promises)?'/,
    instead: 'use timer(), every(), deadline(), turn() or sleep() of the Clock that was handed in',
    applies: takesItsTimers,
  },
  {
    pattern: /^import (?:\w+|\{.*(?<!type )\b(?:Client|Pool)\b.*\}) from 'pg'/,
    instead: 'use openPool() or openConnection() of deploy/runtime/pool, which bound every wait',
    applies: bindsItself,
  },
  { pattern: /\bconsole\./, instead: 'use the logger of deploy/runtime', applies: (path) => !mayPrint(path) },
  {
    pattern: /:\s*any\b(?!\w)(?=\s*[,;)=[\]{}>|&]|$)/,
    instead: 'name the type, or use unknown and parse it',
    ...everywhere,
  },
  { pattern: /\bas any\b/, instead: 'parse with a schema', ...everywhere },
  { pattern: /@ts-(ignore|nocheck)/, instead: 'mend the type', ...everywhere },
  { pattern: /\b(TODO|FIXME)\b/, instead: 'do it, or file an issue', ...everywhere },
  {
    pattern: /^\s*(export\s+)?(const\s+)?enum\s/,
    instead: 'use a union of literals: Node runs erasable TypeScript',
    ...everywhere,
  },
  {
    pattern: /^\s*(export\s+)?(declare\s+)?namespace\s/,
    instead: 'use a file: Node runs erasable TypeScript',
    ...everywhere,
  },
]

export function bannedWord(source: Source): string[] {
  if (!isCode(source.path) || source.path.startsWith('.ci/tidy')) return []
  const rules = bannedWords.filter(({ applies }) => applies(source.path))
  return eachLine(source, (line) => {
    const found = rules.find(({ pattern }) => pattern.test(line))
    return found && `${found.pattern.exec(line)?.[0].trim()}: ${found.instead}`
  })
}

/** Nothing may name the machine or the registry that it was built with. */
export function machineTrace(source: Source): string[] {
  if (source.path.startsWith('.ci/tidy')) return []
  return eachLine(source, (line) =>
    /(^|[\s'"`=:(])\/work\/|registry\.npmjs\.org|registry\.yarnpkg\.com|tarball: *https?:/.test(line)
      ? 'names a path or registry host of one machine: use a relative path, leave the host to the configuration'
      : undefined,
  )
}

/** Each dependency is defended by its name in docs/dependencies.md. */
export function undefendedDependency({ path, text }: Source, defence: string): string[] {
  if (!/(^|\/)package\.json$/.test(path)) return []
  const manifest: unknown = JSON.parse(text)
  const names = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((key) => {
    const group =
      manifest && typeof manifest === 'object'
        ? Object.entries(manifest).find(([name]) => name === key)?.[1]
        : undefined
    return Object.keys(group ?? {})
  })
  return names
    .filter((name) => !name.startsWith('@micropay/') && !defence.includes(`\`${name}\``))
    .map((name) => {
      const line = text.split('\n').findIndex((content) => content.includes(`"${name}":`)) + 1
      return finding(
        path,
        line,
        `${name} is not defended: add a line with \`${name}\` to docs/dependencies.md, or drop it`,
      )
    })
}

const isEntry = (path: string) =>
  /(^|[-/])(main|start|vite\.config)\.tsx?$/.test(path) ||
  isTest(path) ||
  /^\.ci\/test\.ts$/.test(path) ||
  path.endsWith('.d.ts')

/** A source file that nobody imports and nothing starts is dead. */
export function deadFiles(sources: Source[]): string[] {
  const withoutExtension = (path: string) => path.replace(/\.tsx?$/, '')
  const imported = new Set(
    sources
      .filter(({ path }) => isCode(path))
      .flatMap((source) => importsOf(source).map(({ to }) => withoutExtension(to))),
  )
  const named = sources
    .filter(({ path }) => /(package\.json|\.html|vite\.config\.ts|\.ya?ml|Dockerfile)$/.test(path))
    .map(({ text }) => text)
    .join('\n')
  const startedByName = sources.filter(({ text }) => /spawn|fork|execFile|Worker/.test(text)).map(({ text }) => text)
  return sources
    .filter(({ path }) => isCode(path) && !isEntry(path) && !imported.has(withoutExtension(path)))
    .filter(({ path }) => !startedByName.some((text) => new RegExp(`['/]${basename(path)}'`).test(text)))
    .filter(({ path }) => !named.includes(path) && !named.includes(path.split('/').slice(1).join('/')))
    .map(({ path }) => finding(path, 1, 'is imported by nothing: delete it, or start it from package.json'))
}
