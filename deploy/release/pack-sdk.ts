import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const usage = `npx pnpm@12 pack:sdk --out FOLDER: @micropay/sdk as others install it, JavaScript with types

  --version V    such as 1.2.0 (that of deploy/sdk/package.json when it is left out)
  --help         this text

The folder must not be there yet. deploy/release/publish-sdk.sh publishes it.
`
const repository = resolve(import.meta.dirname, '../..')
/** Of the workspace: what the SDK stands on goes into its package. */
const folders: Readonly<Record<string, string>> = {
  '@micropay/sdk': 'deploy/sdk',
  '@micropay/schemas': 'schemas',
  '@micropay/runtime': 'deploy/runtime',
}
/** Of our own development and of one dataset: nobody else's. */
const kept = ['./berka', './development-secret']

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    version: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) process.stdout.write(usage)
else if (values.out === undefined) {
  process.stderr.write(`--out is missing\n\n${usage}`)
  process.exitCode = 2
} else pack(resolve(values.out), values.version)

type Manifest = {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly exports: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
}

function pack(out: string, asVersion: string | undefined): void {
  const manifest = manifestOf('@micropay/sdk')
  const version = asVersion ?? manifest.version
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) throw new Error(`${version} is no version: give one such as 1.2.0`)
  const entries = Object.entries(manifest.exports).filter(([name]) => !kept.includes(name))
  mkdirSync(out)
  compile(
    entries.map(([, file]) => join('deploy/sdk', file)),
    out,
  )
  const imported = relocate(out)
  const types = (file: string) => `./deploy/sdk/${posix.normalize(file).replace(/\.ts$/, '.d.ts')}`
  const code = (file: string) => types(file).replace(/\.d\.ts$/, '.js')
  const made = {
    ...{ name: manifest.name, version, license: manifest.license, type: 'module' },
    description: 'The public API of MicroPay, an event-sourced payment ledger, with patience and keys that pay once.',
    engines: { node: '>=22.19.0' },
    exports: Object.fromEntries(entries.map(([name, file]) => [name, { types: types(file), default: code(file) }])),
    dependencies: dependenciesOf(imported),
  }
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(made, undefined, 2)}\n`)
  cpSync(join(repository, 'LICENSE'), join(out, 'LICENSE'))
  cpSync(join(import.meta.dirname, 'sdk-readme.md'), join(out, 'README.md'))
  process.stdout.write(`${manifest.name}@${version}\n`)
}

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join(repository, folders[name] ?? '', 'package.json'), 'utf8'))
}

/** These files and all that they import of the workspace, each where it lies. */
function compile(files: readonly string[], out: string): void {
  const own = mkdtempSync(join(repository, '.pack-'))
  const settings = {
    extends: '../tsconfig.json',
    compilerOptions: {
      ...{ noEmit: false, declaration: true, rewriteRelativeImportExtensions: true },
      ...{ rootDir: '..', outDir: join(own, 'made') },
      // What is found by a link in node_modules would be somebody else's, and not compiled.
      paths: Object.fromEntries(Object.entries(folders).map(([name, at]) => [`${name}/*`, [`../${at}/*.ts`]])),
    },
    files: files.map((file) => join('..', file)),
    include: [],
  }
  try {
    writeFileSync(join(own, 'tsconfig.json'), JSON.stringify(settings))
    const tsc = join(repository, 'node_modules/.bin/tsc')
    execFileSync(tsc, ['--project', own], { cwd: repository, stdio: ['ignore', 'inherit', 'inherit'] })
    cpSync(join(own, 'made'), out, { recursive: true })
  } finally {
    rmSync(own, { recursive: true })
  }
}

/** Has what was compiled import its own files by relative paths; returns the packages that it imports of others. */
function relocate(out: string): ReadonlySet<string> {
  const others = new Set<string>()
  for (const path of globSync('**/*.{js,d.ts}', { cwd: out })) {
    const text = readFileSync(join(out, path), 'utf8')
    const moved = text.replace(
      /(\bfrom |\bimport\(|^import )(['"])([\w@./:-]+)\2/gm,
      (all, before, quote, specifier) => {
        const target = placeOf(specifier, path)
        if (target !== undefined) return `${before}${quote}${target}${quote}`
        if (!/^(node:|\.)/.test(specifier)) others.add(packageIn(specifier))
        return all
      },
    )
    writeFileSync(join(out, path), moved)
  }
  return others
}

function placeOf(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('.')) return specifier.replace(/\.ts$/, '.js')
  const name = packageIn(specifier)
  const folder = folders[name]
  if (folder === undefined) return undefined
  const relative = posix.relative(posix.dirname(from), `${posix.join(folder, specifier.slice(name.length))}.js`)
  return relative.startsWith('.') ? relative : `./${relative}`
}

function packageIn(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/')
  return first.startsWith('@') ? `${first}/${second}` : first
}

/** In the versions that the workspace has. */
function dependenciesOf(names: ReadonlySet<string>): Readonly<Record<string, string>> {
  const known = Object.assign({}, ...Object.keys(folders).map((name) => manifestOf(name).dependencies))
  return Object.fromEntries(
    [...names].toSorted().map((name) => {
      if (known[name] === undefined) throw new Error(`the SDK imports ${name}, which no package.json of it names`)
      return [name, known[name]]
    }),
  )
}
