import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * Fetches what a pom names by Maven, unless `directory` has it: into a folder of its own first, so that half of them
 * are never taken for all.
 */
export async function mavenJars(pom: string, directory: string, say: (line: string) => void): Promise<void> {
  if (existsSync(directory)) return
  say('Fetching the server by Maven, once')
  const partial = `${directory}.${process.pid}`
  await mkdir(partial, { recursive: true })
  const own = ['--batch-mode', '--quiet', '--file', pom]
  const target = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`]
  await promisify(execFile)('mvn', [...own, ...target], { maxBuffer: 16 << 20 })
  await rename(partial, directory)
}
