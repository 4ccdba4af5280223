import { isBuiltin } from 'node:module'
import { dirname } from 'node:path/posix'
import { finding, isCode, isTest, type Source, specifiersIn } from './tidy-source.ts'

type Manifest = { readonly folder: string; readonly name: string; readonly dependencies: ReadonlySet<string> }

/** Run or built where everything is installed, never by an installation for production. */
const isTool = (path: string) => path.startsWith('.ci/') || /(^|\/)vite\.config\.ts$/.test(path)

/**
 * Code that is no test imports only what `dependencies` of its package name: an installation for production has no
 * more. Types count too, since a line that imports a type today imports a value tomorrow.
 */
export function undeclaredImports(sources: Source[]): string[] {
  const manifests = sources.filter(({ path }) => /(^|\/)package\.json$/.test(path)).map(manifestOf)
  return sources
    .filter(({ path }) => isCode(path) && !isTest(path) && !isTool(path))
    .flatMap((source) => undeclaredIn(source, nearest(manifests, source.path)))
}

function undeclaredIn({ path, text }: Source, { folder, name, dependencies }: Manifest): string[] {
  return importedPackages(text)
    .filter(({ imported }) => imported !== name && !dependencies.has(imported))
    .map(({ imported, line }) => {
      const manifest = folder === '' ? 'package.json' : `${folder}/package.json`
      return finding(path, line, `imports ${imported}, which ${manifest} does not name in dependencies: name it there`)
    })
}

/** The packages that a file imports, with their lines; files of its own package and parts of Node are left out. */
export function importedPackages(text: string): { imported: string; line: number }[] {
  return specifiersIn(text).flatMap(({ specifier, line }) => {
    if (/^[./]/.test(specifier) || isBuiltin(specifier)) return []
    const [first = '', second = ''] = specifier.split('/')
    return [{ imported: first.startsWith('@') ? `${first}/${second}` : first, line }]
  })
}

function nearest(manifests: readonly Manifest[], path: string): Manifest {
  const above = manifests.filter(({ folder }) => folder === '' || path.startsWith(`${folder}/`))
  const [first] = above.toSorted((one, other) => other.folder.length - one.folder.length)
  return first ?? { folder: '', name: '', dependencies: new Set() }
}

function manifestOf({ path, text }: Source): Manifest {
  const manifest: unknown = JSON.parse(text)
  const folder = dirname(path)
  const named = fieldOf(manifest, 'dependencies')
  return {
    folder: folder === '.' ? '' : folder,
    name: String(fieldOf(manifest, 'name') ?? ''),
    dependencies: new Set(named instanceof Object ? Object.keys(named) : []),
  }
}

function fieldOf(manifest: unknown, key: string): unknown {
  return manifest instanceof Object ? Object.entries(manifest).find(([name]) => name === key)?.[1] : undefined
}
