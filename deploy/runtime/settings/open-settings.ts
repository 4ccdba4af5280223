import type { z } from 'zod'
import { buildOf } from '../build.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import { type Checked, checkSettings, faultLines, settingsError } from './check-settings.ts'
import { followChanges } from './follow-changes.ts'
import { inForceOf, type SettingInForce } from './in-force.ts'
import { type OwnSettings, ownSettings } from './own-settings.ts'
import { createSourceReader, mayChange, type ReadSources, type Sources } from './read-sources.ts'

/** The settings of one process: as they were at the start, and as they are now. */
export type Settings<Values> = {
  readonly service: string
  readonly values: Values & OwnSettings
  /** What a setting is now, for whoever can do with another one without a restart. */
  live<Name extends keyof Values & string>(name: Name): () => Values[Name]
  /** What is in force and where it comes from, without secrets. */
  inForce(): InForce
  /** What people should know of where the settings come from; undefined while all is well. */
  trouble(): string | undefined
  /** From now on reads them anew when they change, and on SIGHUP, and tells this log of it. */
  follow(log: Logger): void
  /** Reads them anew now: all of it is checked before any part is applied. */
  reload(reason: string): Promise<void>
}

export type InForce = {
  readonly settings: readonly SettingInForce[]
  readonly lastReload: Reloaded | null
}

/** The last time that something had changed. `changed` holds at once, `waiting` from the next start on. */
export type Reloaded = {
  readonly at: string
  readonly outcome: 'applied' | 'refused'
  readonly changed: readonly string[]
  readonly waiting: readonly string[]
  readonly reason: string | null
}

type Options = { readonly env?: NodeJS.ProcessEnv; readonly clock?: Clock }
type Good<Values> = Extract<Checked<Values>, { given: unknown }>

/**
 * Reads the settings of a service from where they are: the environment, files that it names, CONFIG_FILE, CONFIG_URL.
 * Throws ConfigError, which names every one that is missing, wrong or not known, where it stands and what is right.
 */
export async function openSettings<Schema extends z.ZodObject>(
  service: string,
  schema: Schema,
  { env = process.env, clock = systemClock }: Options = {},
): Promise<Settings<z.infer<Schema>>> {
  const names = new Set([...Object.keys(schema.shape), ...Object.keys(ownSettings.shape)])
  const wanted = { service, names }
  const readSources = createSourceReader(wanted, env, clock)
  const first = await readSources(true)
  const checked = checkSettings(service, schema, first)
  if (checked.faults) throw settingsError(service, checked.faults)
  const check = (sources: Sources) => checkSettings(service, schema, sources)
  const state = createState({ first, checked, check, readSources, clock })
  const { values } = checked
  return {
    service,
    values,
    live(name) {
      state.live.add(name)
      return () => state.now().values[name]
    },
    inForce: () => ({
      settings: inForceOf([...names], checked, state.now(), state.live),
      lastReload: state.lastReload(),
    }),
    trouble: state.trouble,
    follow(log) {
      log.info(buildOf(env), 'this is the release that starts')
      state.tellTo(log)
      followChanges(state.reload, mayChange(wanted, env) ? values.CONFIG_REFRESH_SECONDS : 0, clock, log)
    },
    reload: state.reload,
  }
}

type Begun<Values> = {
  readonly first: Sources
  readonly checked: Good<Values>
  readonly check: (sources: Sources) => Checked<Values>
  readonly readSources: ReadSources
  readonly clock: Clock
}

/** What holds now, what was told of it, and how it becomes another. */
function createState<Values>({ first, checked, check, readSources, clock }: Begun<Values>) {
  const live = new Set<string>(['LOG_LEVEL'])
  const troubles: { source?: string | undefined; kept?: string | undefined; refused?: string | undefined } = {
    ...{ source: first.trouble, kept: first.keep() },
  }
  let now = checked
  let log: Logger | undefined
  let lastReload: Reloaded | null = null
  const reloaded = (outcome: Omit<Reloaded, 'at'>) => {
    lastReload = { at: new Date(clock.nowMs()).toISOString(), ...outcome }
  }

  function refuse(why: string, reason: string): void {
    if (troubles.refused === why) return
    troubles.refused = why
    log?.error({ reason, faults: why }, 'new settings do not fit: those of before hold')
    reloaded({ outcome: 'refused', changed: [], waiting: [], reason: why })
  }

  function apply(next: Good<Values>, reason: string): void {
    const all = differences(now.given, next.given)
    if (all.length === 0) return
    const [changed, waiting] = [all.filter((name) => live.has(name)), all.filter((name) => !live.has(name))]
    now = next
    if (log && 'LOG_LEVEL' in now.values) log.level = String(now.values.LOG_LEVEL)
    reloaded({ outcome: 'applied', changed, waiting, reason: null })
    const also = waiting.length > 0 ? ', and some of them wait for a restart' : ''
    log?.info({ reason, changed, waiting }, `settings have changed${also}`)
  }

  async function reload(reason: string, settledAfterMs = 0): Promise<void> {
    let sources = await readSources(false)
    if (settledAfterMs > 0 && differences(now.given, sources.values).length > 0) {
      await clock.sleep(settledAfterMs)
      const again = await readSources(false)
      if (differences(sources.values, again.values).length > 0) return
      sources = again
    }
    if (sources.trouble !== undefined && troubles.source === undefined) warn(sources.trouble)
    troubles.source = sources.trouble
    const next = check(sources)
    if (next.faults) return refuse(faultLines(next.faults).join('\n'), reason)
    troubles.refused = undefined
    troubles.kept = sources.keep()
    apply(next, reason)
  }

  const warn = (reason: string) => log?.warn({ reason }, 'where the settings come from is not as it should be')
  return {
    ...{ live, reload, now: () => now, lastReload: () => lastReload },
    trouble() {
      if (troubles.refused === undefined) return troubles.source ?? troubles.kept
      return `the settings as they are now do not fit, and those of before hold:\n${troubles.refused}`
    },
    tellTo(to: Logger) {
      log = to
      for (const reason of [troubles.source, troubles.kept]) if (reason !== undefined) warn(reason)
    },
  }
}

type GivenValues = Good<unknown>['given']

function differences(one: GivenValues, other: GivenValues): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter(
    (name) => one.get(name)?.value !== other.get(name)?.value,
  )
}
