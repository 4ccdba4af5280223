import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { repositoryRoot } from '../running.ts'

/** Where the programs of Prometheus and Alertmanager are. */
export type Observers = {
  readonly prometheus: string
  readonly alertmanager: string
  readonly promtool: string
  readonly amtool: string
}

export const howToHaveObservers =
  'Prometheus and Alertmanager are not here. Debian, Ubuntu: sh deploy/prometheus/fetch.sh puts them into .cache ' +
  '(nothing is installed); macOS: brew install prometheus alertmanager; else put prometheus, promtool, alertmanager ' +
  'and amtool on the PATH.'

const fetchedTo = join(repositoryRoot, '.cache', 'prometheus', 'bin')
/** Debian calls Alertmanager by the second name. */
const names = {
  prometheus: ['prometheus'],
  alertmanager: ['alertmanager', 'prometheus-alertmanager'],
  promtool: ['promtool'],
  amtool: ['amtool'],
} as const

/** What is on the path goes first, then what deploy/prometheus/fetch.sh left; undefined where one is nowhere. */
export function findObservers(path = process.env.PATH ?? '', fetched = fetchedTo): Observers | undefined {
  const folders = [...path.split(delimiter), fetched]
  const find = (wanted: readonly string[]) =>
    folders
      .filter((folder) => folder !== '')
      .flatMap((folder) => wanted.map((name) => join(folder, name)))
      .find(isProgram)
  const [prometheus, alertmanager] = [find(names.prometheus), find(names.alertmanager)]
  const [promtool, amtool] = [find(names.promtool), find(names.amtool)]
  if (prometheus === undefined || alertmanager === undefined) return undefined
  if (promtool === undefined || amtool === undefined) return undefined
  return { prometheus, alertmanager, promtool, amtool }
}

/** For tests, which need them; throws an Error that says what to install. */
export function observersForTests(): Observers {
  const found = findObservers()
  if (found === undefined) throw new Error(howToHaveObservers)
  return found
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
