import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/**
 * Fetches one artifact (`group:name:version:zip`) by Maven into `folder`, unless it is there: unpacked where it is an
 * archive, of which `inside` is the folder to keep. Into a place of its own first, so that half of it is never taken
 * for all.
 */
export async function mavenArtifact(
  artifact: string,
  { folder, inside = '', how }: { readonly folder: string; readonly inside?: string; readonly how: 'unpack' | 'copy' },
): Promise<void> {
  if (existsSync(folder)) return
  process.stdout.write(`Fetching ${artifact} by Maven, once\n`)
  const partial = `${folder}.${process.pid}`
  await mkdir(partial, { recursive: true })
  const goal = `org.apache.maven.plugins:maven-dependency-plugin:3.8.1:${how}`
  const asked = ['--batch-mode', '--quiet', goal, `-Dartifact=${artifact}`, `-DoutputDirectory=${partial}`]
  // Maven leaves marks of its own where it was asked.
  await promisify(execFile)('mvn', asked, { cwd: partial })
  await rename(join(partial, inside), folder)
  await rm(partial, { recursive: true, force: true })
}
