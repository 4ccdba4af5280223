import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { copyFile, lstat, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

export const repository = resolve(import.meta.dirname, '../../..')

/** A copy of the repository as it stands in the work tree, to break things in. */
export type Scratch = { readonly directory: string; remove(): Promise<void> }

/**
 * Copies what is tracked, or would be. Packages find each other in the copy, by links of their own, and all others
 * where they are installed.
 */
export async function makeScratch(): Promise<Scratch> {
  const directory = await mkdtemp(join(tmpdir(), 'micropay-mutants-'))
  const files = listed().filter((path) => existsSync(join(repository, path)))
  for (const folder of new Set(files.map((path) => dirname(path))))
    await mkdir(join(directory, folder), { recursive: true })
  for (const path of files) await copyFile(join(repository, path), join(directory, path))
  for (const path of files.filter((each) => /(^|\/)package\.json$/.test(each)))
    await linkModules(directory, dirname(path))
  await symlink(join(repository, 'node_modules/.pnpm'), join(directory, 'node_modules/.pnpm'))
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) }
}

function listed(): string[] {
  const options = { cwd: repository, encoding: 'utf8', maxBuffer: 64 << 20 } as const
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate']
  return execFileSync('git', args, options).split('\n').filter(Boolean)
}

/** The same links, to the same places: those that lead from package to package lead to the copy's. */
async function linkModules(directory: string, folder: string): Promise<void> {
  const from = join(repository, folder, 'node_modules')
  if (!existsSync(from)) return
  for (const name of readdirSync(from)) {
    if (name.startsWith('.')) continue
    const names = name.startsWith('@') ? readdirSync(join(from, name)).map((inner) => join(name, inner)) : [name]
    for (const each of names) {
      if (!(await lstat(join(from, each))).isSymbolicLink()) continue
      const to = join(directory, folder, 'node_modules', each)
      await mkdir(dirname(to), { recursive: true })
      await symlink(readlinkSync(join(from, each)), to)
    }
  }
}
