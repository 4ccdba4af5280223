import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { glob, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'

export type BuiltUi = { readonly directory: string; readonly wasBuilt: boolean }

const sources = ['ui/**/*', 'schemas/*.ts', 'pnpm-lock.yaml']
const maxBuffer = 8 * 1024 * 1024
const mostLines = 30
const leftOut = new Set(['node_modules', 'dist'])

/** Builds the UI with Vite unless ui/dist was made from these very sources; throws an Error with what Vite said. */
export async function buildUi(repositoryRoot: string): Promise<BuiltUi> {
  const directory = join(repositoryRoot, 'ui', 'dist')
  const stampFile = join(directory, '.stamp')
  const stamp = await stampOf(repositoryRoot)
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === stamp) return { directory, wasBuilt: false }
  const fresh = join(repositoryRoot, '.cache', `ui-${process.pid}`)
  await runVite(join(repositoryRoot, 'ui'), fresh)
  await writeFile(join(fresh, '.stamp'), stamp)
  await rm(directory, { recursive: true, force: true })
  await rename(fresh, directory).catch(async (cause: unknown) => {
    // Another start of this clone was quicker, with the same sources.
    if ((await readFile(stampFile, 'utf8').catch(() => '')) !== stamp) throw cause
    await rm(fresh, { recursive: true, force: true })
  })
  return { directory, wasBuilt: true }
}

async function stampOf(repositoryRoot: string): Promise<string> {
  const paths: string[] = []
  for await (const entry of glob(sources, {
    cwd: repositoryRoot,
    withFileTypes: true,
    exclude: (found) => leftOut.has(found.name),
  })) {
    if (entry.isFile()) paths.push(join(entry.parentPath, entry.name))
  }
  const hash = createHash('sha256')
  for (const path of paths.sort()) {
    hash
      .update(relative(repositoryRoot, path))
      .update('\0')
      .update(await readFile(path))
      .update('\0')
  }
  return hash.digest('hex')
}

async function runVite(ui: string, outDirectory: string): Promise<void> {
  await mkdir(dirname(outDirectory), { recursive: true })
  const vite = viteProgram(ui)
  const args = [vite, 'build', '--logLevel', 'warn', '--emptyOutDir', '--outDir', outDirectory]
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' }
  await promisify(execFile)(process.execPath, args, { cwd: ui, env, maxBuffer }).catch((cause: unknown) => {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause)
    const lines = said.split('\n').filter((line) => !/^ +at /.test(line))
    throw new Error(`The UI could not be built:\n${lines.slice(0, mostLines).join('\n').trim()}`, { cause })
  })
}

function viteProgram(ui: string): string {
  const require = createRequire(join(ui, 'package.json'))
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin', 'vite.js')
  if (!existsSync(vite)) throw new Error(`Vite is not installed in ${ui}: run npx pnpm@12 install`)
  return vite
}
