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

/** The stages of the Jenkinsfile in their order, with what each calls. */
export function stagesIn(jenkinsfile: string): readonly Stage[] {
  const parts = jenkinsfile.split(/\bstage\(/).slice(1)
  return parts.map((part) => ({
    name: /^\s*['"]([^'"]+)['"]/.exec(part)?.[1] ?? '',
    when: whenOf(part),
    minutes: timeOf(part),
    calls: [...part.matchAll(/\bsh[\s(]*(?:script:\s*)?(?:'([^']+)'|"([^"]+)")/g)].map(
      ([, one, other]) => one ?? other ?? '',
    ),
  }))
}

function whenOf(part: string): string {
  if (/when\s*\{\s*not\s*\{\s*triggeredBy 'TimerTrigger'/.test(part)) return 'at each change'
  if (/when\s*\{\s*triggeredBy 'TimerTrigger'/.test(part)) return 'by night'
  return /\bwhen\s*\{/.test(part) ? 'as the file says' : 'always'
}

function timeOf(part: string): string {
  const [, time, unit] = /timeout\(time: (\d+), unit: '(\w+)'\)/.exec(part) ?? []
  return time === undefined ? '' : `${time} ${unit?.toLowerCase()}`
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

/** One after the other, at each change and by night. */
export function drawPipeline(): string {
  const stages = ownStages().map((stage, index) => ({ ...stage, id: `stage${index}` }))
  const track = (begins: string, other: string) => {
    const ids = stages.filter(({ when }) => when !== other).map(({ id }) => id)
    return ids.map((id, index) => `  ${ids[index - 1] ?? begins} --> ${id}`)
  }
  return [
    ...['flowchart TB', '  change(["a change"])', '  night(["a night"])'],
    ...stages.map(({ name, id }) => `  ${id}["${name}"]`),
    ...new Set([...track('change', 'by night'), ...track('night', 'at each change')]),
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
