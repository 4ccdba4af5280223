import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@micropay/local/running'
import { z } from 'zod'
import { codes, tableOf } from './markdown.ts'

type Stage = {
  readonly name: string
  readonly when: string
  readonly minutes: string
  readonly calls: readonly string[]
}

/** The stages of a Jenkinsfile that call something, in their order; one inside another is run when that one is. */
export function stagesIn(jenkinsfile: string, outside = ''): readonly Stage[] {
  const stages: Stage[] = []
  let rest = jenkinsfile
  for (let begin = rest.search(stageBegins); begin >= 0; begin = rest.search(stageBegins)) {
    const [, name = ''] = stageBegins.exec(rest) ?? []
    const { inside, behind } = blockIn(rest.slice(begin))
    const when = [outside, whenOf(inside)].filter((text) => text !== '').join(', ')
    const within = stagesIn(inside, when)
    stages.push(...(within.length > 0 ? within : [stageOf(name, when, inside)]))
    rest = behind
  }
  return stages
}

const stageBegins = /\bstage\(\s*['"]([^'"]+)['"]\s*\)/

/** The first block of braces, and what stands behind it. */
function blockIn(text: string): { readonly inside: string; readonly behind: string } {
  const begin = text.indexOf('{')
  let depth = 0
  for (let at = begin; at >= 0 && at < text.length; at += 1) {
    if (text[at] === '{') depth += 1
    if (text[at] === '}') depth -= 1
    if (depth === 0) return { inside: text.slice(begin + 1, at), behind: text.slice(at + 1) }
  }
  throw new RangeError('a block of the Jenkinsfile does not end')
}

function stageOf(name: string, when: string, text: string): Stage {
  const [, time, unit] = /timeout\(time: (\d+), unit: '(\w+)'\)/.exec(text) ?? []
  return {
    name,
    when: when === '' ? 'always' : when,
    minutes: time === undefined ? '' : `${time} ${unit?.toLowerCase()}`,
    calls: [...text.matchAll(/\bsh[\s(]*(?:script:\s*)?(?:'([^']+)'|"([^"]+)")/g)].map(
      ([, one, other]) => one ?? other ?? '',
    ),
  }
}

/** In words, of the conditions that are used; empty where a stage has none. */
function whenOf(text: string): string {
  const begin = text.search(/\bwhen\s*\{/)
  const child = text.search(stageBegins)
  if (begin < 0 || (child >= 0 && child < begin)) return ''
  const when = blockIn(text.slice(begin)).inside
  const never = when.includes('not {') ? blockIn(when.slice(when.indexOf('not {'))).inside : ''
  const only = when.replace(never, '')
  const said = [
    ...(never.includes('TimerTrigger') && !only.includes('ROLL_BACK') ? ['at each change'] : []),
    ...(only.includes('TimerTrigger') ? ['by night'] : []),
    ...(only.includes("branch 'main'") ? ['of main and tags'] : only.includes('buildingTag()') ? ['of tags'] : []),
    ...(only.includes('ROLL_BACK') ? ['to roll back'] : []),
  ]
  if (said.length === 0) throw new RangeError(`this condition of the Jenkinsfile has no words yet: ${when}`)
  return said.join(', ')
}

function ownStages(): readonly Stage[] {
  return stagesIn(readFileSync(join(repositoryRoot, 'Jenkinsfile'), 'utf8'))
}

export function describeStages(): string {
  return tableOf(
    ['stage', 'when', 'at most', 'calls'],
    ownStages().map(({ name, when, minutes, calls }) => [name, when, minutes, codes(calls)]),
  )
}

/** What begins the stages of each way through the pipeline, and by which word of `when` a stage is on it alone. */
const ways = [
  { id: 'change', begins: 'a change', word: 'change' },
  { id: 'night', begins: 'a night', word: 'night' },
  { id: 'back', begins: 'a person who rolls back', word: 'roll back' },
] as const

/** One after the other, on each way through it. */
export function drawPipeline(): string {
  const stages = ownStages().map((stage, index) => ({ ...stage, id: `stage${index}` }))
  const present = ways.filter(({ word }) => stages.some(({ when }) => when.includes(word)))
  const arrows = present.flatMap(({ id, word }) => {
    const others = present.filter((way) => way.word !== word)
    const ids = stages.filter(({ when }) => !others.some((other) => when.includes(other.word))).map((stage) => stage.id)
    return ids.map((to, index) => `  ${ids[index - 1] ?? id} --> ${to}`)
  })
  return [
    'flowchart TB',
    ...present.map(({ id, begins }) => `  ${id}(["${begins}"])`),
    ...stages.map(({ name, id }) => `  ${id}["${name}"]`),
    ...new Set(arrows),
    '',
  ].join('\n')
}

/** What `npx pnpm@12 nightly` runs, as it says itself. */
export function describeNight(): string {
  const { stdout } = spawnSync(process.execPath, ['.ci/nightly.ts', '--help'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  })
  const parts = [...stdout.matchAll(/^ {2}(\S.*?) {2,}(\S+\.ts\b.*)$/gm)]
  return tableOf(
    ['part', 'runs'],
    parts.map(([, name = '', runs = '']) => [name, codes([runs])]),
  )
}

const Manifest = z.object({ scripts: z.record(z.string(), z.string()) })

export function scripts(): Readonly<Record<string, string>> {
  return Manifest.parse(JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'))).scripts
}

export function describeScripts(): string {
  return tableOf(
    ['command', 'runs'],
    Object.entries(scripts()).map(([name, runs]) => [`\`npx pnpm@12 ${name}\``, `\`${runs}\``]),
  )
}
