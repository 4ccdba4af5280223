import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repositoryRoot } from '@micropay/local/running'

const run = promisify(execFile)
const folder = join(repositoryRoot, '.cache', 'exporters')
const packages = ['prometheus', 'prometheus-node-exporter', 'prometheus-postgres-exporter']

/**
 * Where the programs of these packages of Debian are, unpacked and not installed, so that nothing of them starts by
 * itself. Into a folder of its own first, so that half of them are never taken for all.
 */
export async function debianPrograms(): Promise<string> {
  const programs = join(folder, 'usr', 'bin')
  if (existsSync(folder)) return programs
  process.stdout.write(`Fetching ${packages.join(', ')} from Debian, once\n`)
  const partial = `${folder}.${process.pid}`
  await mkdir(join(partial, 'root'), { recursive: true })
  // As whoever asks: apt's own user may not write here.
  const asked = ['download', '-qq', '-o', `APT::Sandbox::User=${process.env.USER ?? 'root'}`, ...packages]
  await run('apt-get', asked, { cwd: partial })
  for (const name of await readdir(partial)) {
    if (name.endsWith('.deb')) await run('dpkg', ['-x', name, 'root'], { cwd: partial })
  }
  await rename(join(partial, 'root'), folder)
  await rm(partial, { recursive: true, force: true })
  return programs
}
