import { dirname, join } from 'node:path/posix'
import { finding, isCode, isTest, type Source, specifiersIn } from './tidy-source.ts'

/** Where a workspace package lies: `@micropay/<name>`. */
export const packages: Readonly<Record<string, string>> = {
  schemas: 'schemas',
  'event-log': 'write-side/event-log',
  'write-side': 'write-side',
  projections: 'projections',
  'read-side': 'read-side',
  gateway: 'gateway',
  ui: 'ui',
  runtime: 'deploy/runtime',
  local: 'deploy/local',
  sdk: 'deploy/sdk',
  elk: 'deploy/elk',
  grafana: 'deploy/grafana',
  cli: 'deploy/cli',
  proof: 'deploy/proof',
  simulate: 'deploy/simulate',
  bench: 'bench',
}

const services = ['write-side', 'projections', 'read-side', 'gateway']

/**
 * docs/architecture.md: what a package may import besides itself. What is missing here (cli, proof, bench) may import
 * all.
 */
const allowedPackages: Readonly<Record<string, readonly string[]>> = {
  schemas: [],
  runtime: ['schemas'],
  sdk: ['schemas', 'runtime'],
  elk: ['runtime'],
  grafana: ['runtime'],
  'event-log': ['schemas', 'runtime'],
  'write-side': ['schemas', 'runtime', 'event-log'],
  projections: ['schemas', 'runtime', 'event-log'],
  'read-side': ['schemas', 'runtime', 'projections', 'event-log', 'write-side'],
  gateway: ['schemas', 'runtime'],
  ui: ['schemas'],
  local: ['schemas', 'runtime', 'sdk'],
  simulate: ['schemas', 'runtime', 'event-log', 'write-side', 'projections'],
}
/** Nothing else imports them, tests neither. */
const importedByNone = ['cli', 'proof', 'simulate', 'bench']

/**
 * Layers inside packages: a folder may import itself and what stands behind it here. A path fits the longest row; a row
 * that ends in `/` is a folder, any other one file; what no row names is free. `@name` is another package, and where
 * none is named all that its package may import are allowed.
 */
const layers: Readonly<Record<string, readonly string[]>> = {
  'schemas/log/': ['schemas/'],
  'schemas/api/': ['schemas/'],
  'write-side/decide/': ['@schemas'],
  'write-side/state/': ['write-side/decide/'],
  'write-side/share/': [],
  'write-side/handle/': ['write-side/decide/', 'write-side/state/', 'write-side/share/'],
  'write-side/verify/': ['write-side/decide/', 'write-side/state/'],
  'write-side/receive/': ['write-side/decide/', 'write-side/handle/', 'write-side/share/'],
  'read-side/position/': [],
  'read-side/answer/': ['read-side/position/'],
  'read-side/serve/': ['read-side/position/', 'read-side/answer/'],
  'ui/src/money/': [],
  'ui/src/time/': [],
  'ui/src/api/': ['ui/src/money/', 'ui/src/time/'],
  'ui/src/data/': ['ui/src/money/', 'ui/src/time/', 'ui/src/api/'],
  'ui/src/services/': ['ui/src/money/', 'ui/src/time/', 'ui/src/api/', 'ui/src/data/'],
  'ui/src/components/': ['ui/src/money/', 'ui/src/time/', 'ui/src/api/', 'ui/src/data/', 'ui/src/services/'],
  'ui/src/features/': [
    'ui/src/money/',
    'ui/src/time/',
    'ui/src/api/',
    'ui/src/data/',
    'ui/src/services/',
    'ui/src/components/',
  ],
  'ui/src/app/': ['ui/src/'],
  'deploy/local/stores/': [],
  'deploy/local/issuer/': [],
}
/** Folders whose subfolders never import each other, but those that they share. */
const strangers: readonly { readonly folder: string; readonly shared: readonly string[] }[] = [
  { folder: 'ui/src/features/', shared: [] },
  { folder: 'projections/', shared: ['follow', 'write', 'versions', 'serve'] },
  { folder: 'read-side/', shared: ['position', 'answer', 'serve'] },
  { folder: 'write-side/event-log/', shared: [] },
]
/** Where every folder has a row in `layers`: one that comes takes its place first. */
const layered = ['schemas/', 'write-side/', 'ui/src/']
/** What is pure takes nothing from outside but this; of crypto, a decision takes a digest of what it was given. */
const pure: readonly [folder: string, packages: readonly string[]][] = [
  ['write-side/decide/', ['node:assert/strict', 'node:crypto']],
  ['schemas/', ['zod']],
]
/** What is inside one folder of a package and forbidden all the same. */
const forbidden: readonly [from: string, to: string][] = [['schemas/log/', 'schemas/api/']]
const tablesOfProjections = /^projections\/[^/]+\/tables(\.ts)?$/
export type Import = { readonly to: string; readonly specifier: string; readonly line: number }

/** The repository paths that a file imports, with their lines; packages from the registry are left out. */
export function importsOf({ path, text }: Source): Import[] {
  return specifiersIn(text).flatMap(({ specifier, line }) => {
    if (specifier.startsWith('.')) return [{ to: join(dirname(path), specifier), specifier, line }]
    const [scope, name = '', ...rest] = specifier.split('/')
    return scope === '@micropay' ? [{ to: [packages[name] ?? name, ...rest].join('/'), specifier, line }] : []
  })
}

/** The name of the package that a path lies in: the innermost one. */
export function packageOf(path: string): string | undefined {
  const inside = Object.entries(packages).filter(([, folder]) => path.startsWith(`${folder}/`))
  return inside.sort(([, a], [, b]) => b.length - a.length)[0]?.[0]
}

/** docs/architecture.md, Layout: which package and which folder may import which. Tests may import what they start. */
export function forbiddenImports(source: Source): string[] {
  if (!isCode(source.path)) return []
  return importsOf(source).flatMap(({ to, line }) => {
    const reason = whyForbidden(source.path, to)
    return reason === undefined ? [] : [finding(source.path, line, `imports ${to}; ${reason}`)]
  })
}

function whyForbidden(from: string, to: string): string | undefined {
  const [mine, theirs] = [packageOf(from), packageOf(to)]
  if (mine === undefined || theirs === undefined) return undefined
  if (mine !== theirs && importedByNone.includes(theirs)) return `nothing imports ${theirs}`
  if (isTest(from)) return undefined
  if (mine !== theirs) return whyForeign(from, mine, to, theirs)
  const isForbidden = forbidden.some(([a, b]) => from.startsWith(a) && to.startsWith(b))
  if (isForbidden) return 'these two stand apart'
  return whyWrongLayer(from, to)
}

function whyForeign(from: string, mine: string, to: string, theirs: string): string | undefined {
  const allowed = allowedPackages[mine]
  if (allowed && !allowed.includes(theirs)) return `${mine} may import only ${allowed.join(', ') || 'itself'}`
  const named = layers[layerOf(from) ?? '']?.filter((name) => name.startsWith('@'))
  if (named && named.length > 0 && !named.includes(`@${theirs}`))
    return `this folder may import only ${named.join(', ')}`
  if (mine !== 'read-side') return undefined
  if (theirs === 'projections' && !tablesOfProjections.test(to)) return 'read-side takes tables alone'
  if (theirs === 'event-log' && !from.startsWith('read-side/audit/')) return 'only the audit reads the log'
  if (theirs === 'write-side' && !(from.startsWith('read-side/audit/') && to.startsWith('write-side/verify/')))
    return 'only the audit verifies, and takes that alone'
  return undefined
}

function whyWrongLayer(from: string, to: string): string | undefined {
  const apart = strangers.find(({ folder }) => from.startsWith(folder) && to.startsWith(folder))
  if (apart !== undefined) {
    const [mine, theirs] = [roomOf(from, apart.folder), roomOf(to, apart.folder)]
    const areStrangers = ![mine, theirs].some((room) => room === undefined || apart.shared.includes(room))
    if (areStrangers && mine !== theirs) return `what two of ${apart.folder} need stands below them`
    const goesUp =
      mine !== undefined && apart.shared.includes(mine) && theirs !== undefined && !apart.shared.includes(theirs)
    if (goesUp) return `what ${apart.folder} shares knows none of those who share it`
    if (areStrangers) return undefined
  }
  const layer = layerOf(from)
  if (layer === undefined) return undefined
  const allowed = [layer, ...(layers[layer] ?? [])]
  return allowed.some((folder) => to.startsWith(folder)) ? undefined : `${layer} may import only ${allowed.join(', ')}`
}

/** The folder inside that one; undefined for its own files. */
function roomOf(path: string, folder: string): string | undefined {
  const [room = '', ...rest] = path.slice(folder.length).split('/')
  return rest.length > 0 ? room : undefined
}

function layerOf(path: string): string | undefined {
  const fitting = Object.keys(layers).filter((layer) => path.startsWith(layer))
  return fitting.sort((a, b) => b.length - a.length)[0]
}

/** Folders that nobody has given a place. */
export function placelessFolder({ path }: Source): string[] {
  const root = layered.find((folder) => path.startsWith(folder) && packageOf(path) === packageOf(`${folder}a`))
  const room = root === undefined ? undefined : roomOf(path, root)
  if (!isCode(path) || room === undefined || layers[`${root}${room}/`] !== undefined) return []
  return [finding(path, 1, `${root}${room}/ has no place in the layers of .ci/tidy-imports.ts: give it a row`)]
}

/** What decides, and the language, reach neither disk nor network nor anybody's library. */
export function impureImports({ path, text }: Source): string[] {
  const [, allowed] = pure.find(([folder]) => path.startsWith(folder)) ?? []
  if (allowed === undefined || !isCode(path) || isTest(path)) return []
  return specifiersIn(text)
    .filter(({ specifier }) => !/^(\.|@micropay\/)/.test(specifier) && !allowed.includes(specifier))
    .map(({ specifier, line }) => {
      const advice = `imports ${specifier}: what is pure may import only ${allowed.join(', ')}`
      return finding(path, line, advice)
    })
}

/** A package is entered by its `exports`, from tests too; a relative path never leaves it. */
export function entersByTheWindow(source: Source): string[] {
  if (!isCode(source.path)) return []
  const mine = packageOf(source.path)
  return importsOf(source)
    .filter(({ specifier, to }) => specifier.startsWith('.') && packageOf(to) !== mine)
    .map(({ to, line }) => finding(source.path, line, `leaves its package for ${to}: import it by the package's name`))
}

/**
 * Circles, of packages and inside each folder: of its files and of its subfolders, each taken as one. Tests count
 * between packages, whose devDependencies make one wait for another as their dependencies do, and not within one: they
 * may start what stands above.
 */
export function circles(sources: readonly Source[]): string[] {
  const code = sources.filter(({ path }) => isCode(path))
  const known = new Map(code.map(({ path }) => [path.replace(/\.tsx?$/, ''), path]))
  const edges = code.flatMap((source) =>
    importsOf(source).flatMap(({ to }) => {
      const target = known.get(to.replace(/\.tsx?$/, ''))
      return target === undefined ? [] : [[source.path, target] as const]
    }),
  )
  const graphs = new Map<string, Map<string, Set<string>>>()
  for (const [from, to] of edges) {
    const [folder, a, b] = whereTheyPart(from, to)
    if (a === b || (folder !== '' && (isTest(from) || isTest(to)))) continue
    const graph = graphs.get(folder) ?? new Map<string, Set<string>>()
    graphs.set(folder, graph)
    graph.set(a, (graph.get(a) ?? new Set()).add(b))
  }
  return Array.from(graphs).flatMap(([folder, graph]) => {
    const circle = circleIn(graph)
    return circle ? [`${folder || 'the packages'}: ${circle.join(' → ')}`] : []
  })
}

/** The innermost folder that both lie in, and the child of it on the way to each; packages lie beside each other. */
function whereTheyPart(from: string, to: string): [folder: string, a: string, b: string] {
  const [mine, theirs] = [packageOf(from) ?? from, packageOf(to) ?? to]
  if (mine !== theirs) return ['', mine, theirs]
  const [a, b] = [from.split('/'), to.split('/')]
  const same = a.findIndex((part, index) => part !== b[index])
  if (same < 0) return [dirname(from), from, to]
  return [a.slice(0, same).join('/'), a[same] ?? '', b[same] ?? '']
}

/** A way from a node back to itself, if there is one. */
function circleIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>()
  const visit = (node: string, way: readonly string[]): string[] | undefined => {
    const at = way.indexOf(node)
    if (at >= 0) return [...way.slice(at), node]
    if (done.has(node)) return undefined
    for (const next of graph.get(node) ?? []) {
      const circle = visit(next, [...way, node])
      if (circle) return circle
    }
    done.add(node)
    return undefined
  }
  for (const node of graph.keys()) {
    const circle = visit(node, [])
    if (circle) return circle
  }
  return undefined
}

/** What production runs never starts what only a laptop runs. */
export function localInProduction(source: Source): string[] {
  if (!isCode(source.path) || isTest(source.path) || !services.some((service) => source.path.startsWith(`${service}/`)))
    return []
  return importsOf(source)
    .filter(({ to }) => to.startsWith('deploy/') && !to.startsWith('deploy/runtime/'))
    .map(({ to, line }) => finding(source.path, line, `imports ${to}: services may import only deploy/runtime`))
}
