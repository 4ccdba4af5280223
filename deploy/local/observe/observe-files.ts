import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repositoryRoot } from '../running.ts'

/** What Prometheus asks, by the name of its service. */
export type Target = { readonly job: string; readonly address: string }

export type ObserveFiles = { readonly prometheus: string; readonly alertmanager: string }

const source = join(repositoryRoot, 'deploy', 'prometheus')
/** What stands in alertmanager-of-start.yml for the address that is known only now. */
const noticesUrl = 'http://127.0.0.1:9/alerts'

/**
 * Puts the configuration of Prometheus and Alertmanager into `directory`, with the rules of the checkout and thresholds
 * of `start`; returns where the two files are. `hurried` is for tests: they look each second, and nothing has to last
 * before it is told.
 */
export async function writeObserveFiles(
  directory: string,
  places: { readonly notices: string; readonly hurried?: boolean },
): Promise<ObserveFiles> {
  const files = { prometheus: join(directory, 'prometheus.yml'), alertmanager: join(directory, 'alertmanager.yml') }
  await mkdir(join(directory, 'targets'), { recursive: true })
  const rules = join(directory, 'rules')
  await rm(rules, { recursive: true, force: true })
  for (const name of ['rules', 'rules-of-start']) await cp(join(source, name), rules, { recursive: true })
  const prometheus = await readFile(join(source, 'prometheus-of-start.yml'), 'utf8')
  const alertmanager = await readFile(join(source, 'alertmanager-of-start.yml'), 'utf8')
  if (!alertmanager.includes(noticesUrl)) throw new Error(`alertmanager-of-start.yml does not name ${noticesUrl}`)
  const pace = places.hurried ? hurry : (text: string) => text
  await writeFile(files.prometheus, pace(prometheus))
  await writeFile(files.alertmanager, pace(alertmanager.replace(noticesUrl, places.notices)))
  if (places.hurried) await hurryRules(rules)
  return files
}

/** Prometheus reads such a file anew whenever it changes. */
export async function writeTargets(directory: string, name: string, targets: readonly Target[]): Promise<void> {
  const path = join(directory, 'targets', `${name}.json`)
  const groups = targets.map(({ job, address }) => ({ targets: [address], labels: { job } }))
  await writeFile(`${path}.new`, `${JSON.stringify(groups, null, 2)}\n`)
  await rename(`${path}.new`, path)
}

function hurry(text: string): string {
  return text.replace(/^(\s*(?:\w+_interval|scrape_timeout|group_wait|for)): \w+$/gm, '$1: 1s')
}

async function hurryRules(rules: string): Promise<void> {
  for (const name of ['gateway', 'ledger', 'platform', 'read-models']) {
    const path = join(rules, `${name}.yml`)
    await writeFile(path, hurry(await readFile(path, 'utf8')))
  }
}
